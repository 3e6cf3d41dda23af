/**
 * A compute system (a container, a guest, this host) in which processes run. Every engine implements this contract, and
 * the layers above do not know which engine they use.
 */
import type { Observable } from 'rxjs';
import type { SignalTable } from '../signals/options.js';
import type { AdoptedSystem, AdoptRequest } from './adoption.js';
import type { Act, ComputeProcess, Delivery } from './compute-process.js';
import type { ProcessParameters } from './process-parameters.js';
import type { ProcessSpec } from './process-spec.js';

/** Why a compute system is gone: it ended, its handle was closed here, or the connection to it was lost. */
export interface SystemExit {
  readonly reason: 'ended' | 'closed' | 'lost';
  readonly error?: unknown;
}

/**
 * Open descriptors for the stdin, stdout or stderr of the process. The caller closes its own. Passed only to systems
 * whose `takesDescriptors` is true, except for the word `'stdout'`. A stream given here is absent from `stdio`.
 */
export interface Descriptors {
  readonly stdin?: number;
  readonly stdout?: number;
  /**
   * `'stdout'`: the same pipe as stdout, so that the order of writes to both is kept. Also passed to systems whose
   * `takesDescriptors` is `'sharedOutput'`.
   */
  readonly stderr?: number | 'stdout';
}

/** The identity of a process, for a program that adopts it later. */
export interface ProcessIdentity {
  /** Unique in its system among all processes but the first. */
  readonly id: string;
}

/** A system that hosts processes: the contract that every engine implements. */
export interface ComputeSystem {
  readonly id: string;
  readonly os: 'linux' | 'windows' | 'darwin';
  /** Whether processes are described by an OCI process document (`OciProcess`) rather than by Windows parameters. */
  readonly isOci: boolean;
  /**
   * Whether the container's own document describes the first process, so that creating it needs no description.
   * `unlessDescribed`: a given description replaces the document's.
   */
  readonly initInDocument: boolean | 'unlessDescribed';
  /**
   * Whether processes accept descriptors. `sharedOutput`: none of the caller's, only one pipe for both outputs
   * (`stderr: 'stdout'`). A container with a file or FIFO of its client could truncate it or change its owner.
   */
  readonly takesDescriptors: boolean | 'sharedOutput';
  /** The signals that its processes accept, and their form. */
  readonly signals: SignalTable;
  /** Emits once when the system is gone, also to late subscribers, and completes. */
  readonly exit$: Observable<SystemExit>;
  /**
   * Creates the container with its first process, which waits for `start` before it runs its program, and emits the
   * process: it has a pid, and can be signalled, before the start. Absent if `start` creates the container and
   * `createProcess` its first process.
   */
  create?(parameters: ProcessParameters, descriptors?: Descriptors): Observable<ComputeProcess>;
  start(): Act;
  /** Whether `createProcess` is to be given the identity of the process. Default: only where `adopt` is offered. */
  readonly namesProcesses?: boolean;
  /** @param identity is stored with the process by a system that offers `adopt`. Absent for a first process. */
  createProcess(
    parameters: ProcessParameters,
    descriptors?: Descriptors,
    identity?: ProcessIdentity,
  ): Observable<ComputeProcess>;
  /**
   * Takes over the container and its processes, in place of `create` and `start`: emits once. From then on the system
   * and its processes behave as those of the program that created them. Changes nothing in the container. Errors with
   * RxshimError `notFound` if there is no such container, `failedPrecondition` if it cannot be taken over, for example
   * because its creation was interrupted. Absent if the engine does not offer adoption.
   */
  adopt?(request?: AdoptRequest): Observable<AdoptedSystem>;
  /** Requests a graceful shutdown. Completes when requested; `exit$` emits when the system has ended. */
  shutdown(): Act;
  /** Terminates the system, even during its start. Completes when requested; `exit$` emits when it has ended. */
  terminate(): Act;
  /** Releases the handle. */
  close(): Act;
  /** Deletes an ended container from its runtime. May be called more than once. Absent if nothing is left. */
  delete?(): Act;
  /**
   * Sends a signal, by its number, to every process of the system. Absent if it knows only the processes that it
   * created.
   */
  signalAll?(signal: number): Observable<Delivery>;
  /**
   * Another system with the same options, not yet started. Absent if there can be only one, such as a container with a
   * given name.
   */
  fresh?(): ComputeSystem;
  /** The description of a first process that only waits until it is stopped. Absent if the system has none. */
  readonly idle?: ProcessSpec;
  /** The defaults that a process gets besides its description, such as the environment. */
  defaultProcess?(): ProcessSpec;
  /** The pids of its processes, as the system itself numbers them. */
  pids(): Observable<readonly number[]>;
}
