/**
 * A source or sink of the caller's that failed, as part of how an exec ended.
 *
 * A process notices it only by the end of its pipe: its stdin ends where the source failed, and its next write
 * to an output whose sink broke raises SIGPIPE. So it may well exit with 0, and the outcome has to say what happened.
 */
import { kindOf, messageOf, RxshimError } from '../../../hcs/failures/errors.js';

/** The failure of a source or sink that the caller gave. */
export interface IoError {
  readonly stream: 'stdin' | 'stdout' | 'stderr';
  /** `field` is the stream, `cause` what the source or sink failed with. */
  readonly error: RxshimError;
}

/** Most execs have none, and share this. */
export const noIoErrors: readonly IoError[] = [];

export const ioError = (stream: IoError['stream'], side: 'source' | 'sink', cause: unknown): IoError => {
  if (cause instanceof RxshimError && cause.field === stream) return { stream, error: cause };
  const message = `${stream}: the ${side} failed: ${messageOf(cause)}`;
  return {
    stream,
    error: new RxshimError(kindOf(cause), message, { cause, invalid: { field: stream, value: undefined } }),
  };
};

/** For a sink that still had a write to answer when the time of the drain was up. */
export const stuckSink = (stream: IoError['stream']): IoError => ({
  stream,
  error: new RxshimError('unavailable', `${stream}: not all of it was taken before the drain's time was up`, {
    invalid: { field: stream, value: undefined },
  }),
});

/** For a file that did not take all: the process went on. */
export const droppedOutput = (stream: IoError['stream'], bytes: number, code: string): IoError => ({
  stream,
  error: new RxshimError('unavailable', `${stream}: ${bytes} bytes of output were dropped: ${code}`, {
    invalid: { field: stream, value: undefined },
  }),
});

const leavingCodes: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/**
 * Whether a sink says by this that its reader has left, which is the reader's good right and no failure. A stream of the
 * web that was cancelled without a reason says nothing.
 */
export const isReaderGone = (error: unknown): boolean =>
  error === undefined ||
  (typeof error === 'object' && error !== null && 'code' in error && leavingCodes.has(error.code));
