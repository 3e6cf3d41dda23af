/**
 * The port of the relay: what an exec knows of the copying of its stdio. Bytes never pass through the exec; it knows a
 * copy as an Observable of its outcome, so that a simulated one can run in virtual time.
 */
import type { Observable } from 'rxjs';
import type { ComputeProcess } from '../../../hcs/contract/compute-process.js';
import type { Logger } from '../../log.js';
import type { DrainRest } from '../../policies.js';
import type { UpstreamIo } from '../upstream.js';
import type { IoError } from './io-error.js';

/** A relay that copies between a process and its upstream. */
export interface RunningRelay {
  /**
   * Completes when stdout and stderr have ended or failed; the same for late subscribers. Stdin does not count: nothing
   * can end a read from the caller's source that never settles.
   */
  readonly through$: Observable<never>;
  /**
   * Subscribed to once, when the process has exited. Output that has arrived by then is owed to the readers: completes when
   * they have it. A relay without this owes nothing: the cap of the drain bounds all that is still to be copied.
   */
  readonly owed$?: Observable<never>;
  /** How many bytes of output have been passed on so far. */
  moved(): number;
  /**
   * Drops output that is still to be copied, and returns whether there was any: an end that is merely slow to close loses
   * nothing. `through$` completes before this returns.
   */
  cut(): boolean;
  /** The failures of sources and sinks so far. */
  ioErrors?(): readonly IoError[];
}

/** Options of a relay. */
export interface RelayOptions {
  /** The name of the exec, unique in this process. The names of its streams begin with it. */
  readonly name?: string;
  /** The effect of `cut` on output that the kernel moves. Default: `cut`. */
  readonly rest?: DrainRest | undefined;
}

/** Connects a process to its upstream and starts copying. */
export type StartRelay = (
  process: ComputeProcess,
  upstream: UpstreamIo,
  log: Logger | undefined,
  options?: RelayOptions,
) => RunningRelay;
