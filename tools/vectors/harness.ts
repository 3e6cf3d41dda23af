/**
 * What the exec of a vector lives on: a compute system whose calls are seen, and the world's own hold on it.
 */
import type { SchedulerLike } from 'rxjs';
import type { ProcessExit } from '../../src/hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../src/hcs/contract/compute-system.js';
import type { Answer } from '../../src/hcs/simulated/scripted-system.js';
import type { Setup } from './vector.js';

/** A process, from the side of what runs in it. */
export interface StagedProcess {
  readonly pipes: { readonly stdout?: StagedOutput; readonly stderr?: StagedOutput };
  exit(how: number | ProcessExit, options?: { readonly holdStreams?: boolean }): void;
}

export interface StagedOutput {
  write(chunk: Uint8Array): Promise<void>;
  end(): void;
}

export interface Harness {
  readonly system: ComputeSystem;
  /** The process, once there is one. */
  process(): StagedProcess | undefined;
  exitSystem(): void;
  /** Opens for good a gate that the harness keeps itself. */
  release?(gate: string): void;
  /** One turn of everything beneath the exec. Default: one of the event loop. */
  readonly pass?: () => Promise<unknown>;
  /** Releases what the harness holds. */
  leave?(): Promise<void>;
}

export interface HarnessParts {
  readonly setup: Setup;
  /** Sees a call, makes it wait or fail as the vector says, or answers it as it would be. */
  readonly answer: Answer;
  /** The same, but lets nothing fail: for a harness that has the failure come from further below. */
  readonly seen: Answer;
  /** Takes what the process read from its stdin. */
  readonly typed: (chunk: Uint8Array) => void;
  /** Called when a process has been made and before its maker has it. */
  readonly created: (process: StagedProcess) => void;
  readonly scheduler: SchedulerLike;
}

export type MakeHarness = (parts: HarnessParts) => Harness;
