/**
 * A compute system (a container, a guest, this host) in which processes run. Every engine fulfils this contract, and
 * nothing above it knows which engine it has.
 */
import type { Observable } from 'rxjs';
import type { SignalTable } from '../signals/options.js';
import type { Act, ComputeProcess, Delivery } from './compute-process.js';
import type { ProcessParameters } from './process-parameters.js';
import type { ProcessSpec } from './process-spec.js';

/** Why a compute system is gone: it ended, its handle was closed here, or the connection to it was lost. */
export interface SystemExit {
  readonly reason: 'ended' | 'closed' | 'lost';
  readonly error?: unknown;
}

/**
 * Open descriptors that the process takes as its own stdin, stdout or stderr. They stay the caller's to close.
 * Only offered to systems whose `takesDescriptors` is true, save for the word `'stdout'`; a stream given here has no counterpart in `stdio`.
 */
export interface Descriptors {
  readonly stdin?: number;
  readonly stdout?: number;
  /**
   * `'stdout'`: where stdout goes, by the same pipe, so that what is written to both keeps its order. Also given to systems
   * whose `takesDescriptors` is `'sharedOutput'`.
   */
  readonly stderr?: number | 'stdout';
}

export interface ComputeSystem {
  readonly id: string;
  readonly os: 'linux' | 'windows' | 'darwin';
  /** Whether processes are described by an OCI process document (`OciProcess`) rather than by Windows parameters. */
  readonly isOci: boolean;
  /**
   * Whether the first process is part of the container's own document, so that creating it takes no description.
   * `unlessDescribed`: the document has one, which a description replaces where there is one.
   */
  readonly initInDocument: boolean | 'unlessDescribed';
  /**
   * Whether processes can be given descriptors. `sharedOutput`: none of the caller's, but one pipe for both outputs
   * (`stderr: 'stdout'`). A container that had a file or a FIFO of its client could truncate it, and change its owner.
   */
  readonly takesDescriptors: boolean | 'sharedOutput';
  /** Which signals its processes take, and in what form. */
  readonly signals: SignalTable;
  /** Emits once and completes when the system is gone; the same for every subscriber, however late. */
  readonly exit$: Observable<SystemExit>;
  /**
   * Makes the container with its first process, held before its program begins, and emits that process: so it has a
   * number, and can be signalled, before it is started. `start` then lets it go on. Absent where `start` makes the
   * container and `createProcess` its first process.
   */
  create?(parameters: ProcessParameters, descriptors?: Descriptors): Observable<ComputeProcess>;
  start(): Act;
  createProcess(parameters: ProcessParameters, descriptors?: Descriptors): Observable<ComputeProcess>;
  /** Asks the system to end. Completes when asked; `exit$` tells when it did. */
  shutdown(): Act;
  /** Ends the system, also one that is still being started. Completes when asked; `exit$` tells when it did. */
  terminate(): Act;
  /** Releases the handle. */
  close(): Act;
  /**
   * Removes what an ended container has left with its runtime. May be asked more than once. Absent where nothing is left.
   */
  delete?(): Act;
  /** Sends a signal, by its number, to every process of the system. Absent where it knows only those that it was asked for. */
  signalAll?(signal: number): Observable<Delivery>;
  /**
   * Another system with the same options, empty and not yet started. Absent where there can be only one: a container of a
   * given name.
   */
  fresh?(): ComputeSystem;
  /** What its first process is when that only waits until it is stopped. Absent where the system has none to offer. */
  readonly idle?: ProcessSpec;
  /** What a process has there that its description does not say: its environment above all. */
  defaultProcess?(): ProcessSpec;
  /** The process ids inside, as the system itself counts them. */
  pids(): Observable<readonly number[]>;
}
