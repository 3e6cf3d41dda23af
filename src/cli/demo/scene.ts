/** One exec of the demo: what it is, what is done to it, and what that shows. */
import type { ProcessSpec } from '../../index.js';

export interface Scene {
  readonly id: string;
  readonly spec: ProcessSpec;
  /** Stop it after so many milliseconds, and kill it when it takes longer than its grace. */
  readonly stop?: { readonly after: number; readonly grace: number };
  /** Change the size of its terminal after so many milliseconds. */
  readonly resize?: { readonly after: number; readonly width: number; readonly height: number };
  /** What its life shows. */
  readonly about: string;
}
