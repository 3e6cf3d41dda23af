/**
 * A scenario of the demo: one exec, the commands on it, and an explanation.
 */
import type { ProcessSpec } from '../../index.js';

export interface DemoStep {
  readonly id: string;
  readonly spec: ProcessSpec;
  /** Stop it after this many milliseconds, and kill it after its grace period. */
  readonly stop?: { readonly after: number; readonly grace: number };
  /** Resize its terminal after this many milliseconds. */
  readonly resize?: { readonly after: number; readonly width: number; readonly height: number };
  /** The feature that its lifecycle shows. */
  readonly about: string;
}
