/**
 * The port of the mover, which moves the bytes of a stream from one descriptor to another, below JavaScript.
 *
 * A separate process could implement the port: streams have names, everything else that passes through it is plain data,
 * and nothing is called for each chunk. The progress of a stream is a request, its end an event.
 */

/** The events of a stream. */
export type MoveEvent =
  /** All that had arrived at the source when `settle` was called has left it. Once. */
  | { readonly type: 'settled' }
  /** The target, a file, takes no more: output is dropped until it does. */
  | { readonly type: 'dropping'; readonly code: string }
  /** It takes output again, or the stream is over; so many bytes were dropped since `dropping`. */
  | { readonly type: 'dropped'; readonly bytes: number; readonly code: string }
  /** The process that copied was killed: at most so many bytes have left the source and are not in the target. */
  | { readonly type: 'uncertain'; readonly bytes: number }
  /** The source has ended, or one of the two has failed. Nothing follows. */
  | ({ readonly type: 'ended'; readonly error?: MoveError } & MoveReport);

export interface MoveError {
  readonly side: MoveSide;
  readonly syscall: string;
  readonly errno: number;
}

/** The end that the mover waits for, or that is at fault. */
export type MoveSide = 'source' | 'target';

export interface MoveReport {
  /** How many bytes have left the source. */
  readonly moved: number;
  /** How many of them the target did not take. */
  readonly dropped: number;
  readonly side: MoveSide;
}

/** Both descriptors stay the caller's, who may close them as soon as `attach` has returned. */
export interface MoveEnds {
  readonly from: number;
  readonly to: number;
}

export interface Finish {
  /** `owed`: what has arrived by now. `all`: also what comes later. */
  readonly what: 'owed' | 'all';
  /** Stop when the target has taken nothing of what is owed for so many milliseconds. */
  readonly stall: number;
}

export interface Mover {
  /**
   * Starts to move all that comes out of `from` into `to`. Returns false, having done nothing, where the caller has to copy:
   * the source must be a pipe, a FIFO or the master of a terminal, the target another pipe or FIFO, /dev/null, or a file.
   *
   * @throws RxshimError `alreadyExists` for a name that is in use
   */
  attach(name: string, ends: MoveEnds, onEvent: (event: MoveEvent) => void): boolean;
  /** Asks for the event `settled`. */
  settle(name: string): void;
  /** `undefined` where no stream has the name. */
  report(name: string): MoveReport | undefined;
  /** Stops. Bytes that have not left the source stay there for its next reader. No event follows. */
  detach(name: string): void;
  /** Nothing waits for the stream any longer: moves the rest, then stops. No event follows. */
  finish(name: string, finish: Finish): void;
  /** The names of the streams that are attached and begin with `prefix`. */
  names(prefix: string): readonly string[];
}
