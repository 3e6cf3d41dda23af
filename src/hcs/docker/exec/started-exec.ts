/** The known facts of a running exec. */
import type { Container } from '../container/container.js';
import type { Attachment } from '../stdio/attached-process.js';
import type { ConnectionEnd } from '../stdio/output.js';
import type { ExecDetails } from './exec-api.js';

export interface StartedExec extends Attachment {
  readonly container: Container;
  readonly id: string;
  readonly mark: string;
  readonly pid: number;
  readonly streamEnd: Promise<ConnectionEnd>;
  /** Its stream ended while it was being started. */
  readonly wasCut: boolean;
  /** The daemon's report of it after the end of its stream. */
  readonly ended?: ExecDetails;
  /** It leaves its exit code in the container. */
  readonly record?: RecordedExec;
}

export interface RecordedExec {
  readonly nonce: string;
  /** Its number in the pid namespace of the container; 0 where it is not known. */
  readonly pid: number;
  /** Resolves with the exit code when it is reported in the output. Absent where its output is not read. */
  readonly ended?: Promise<number>;
  /** The stream has ended. */
  flush?(): void;
}
