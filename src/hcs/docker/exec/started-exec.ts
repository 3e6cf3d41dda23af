/** What is known of an exec that runs. */
import type { Container } from '../container/container.js';
import type { Input } from '../stdio/input.js';
import type { ConnectionEnd, Output } from '../stdio/output.js';

export interface StartedExec {
  readonly container: Container;
  readonly id: string;
  readonly mark: string;
  readonly pid: number;
  readonly terminal: boolean;
  readonly input: Input | undefined;
  readonly output: Output;
  readonly streamEnd: Promise<ConnectionEnd>;
  /** Its stream ended while it was being started. */
  readonly wasCut: boolean;
}
