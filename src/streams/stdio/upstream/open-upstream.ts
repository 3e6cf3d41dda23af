/**
 * Opens the caller's end of an exec's stdio, for every kind of request.
 *
 * The invariant: what is opened belongs to the upstream that is emitted, and its `close` closes it once. Where nothing
 * is emitted (a bad request, a failure, the caller unsubscribing) nothing stays open.
 */
import { defer, map, type Observable, of, type SchedulerLike } from 'rxjs';
import { invalid } from '../../../hcs/failures/errors.js';
import type { Logger } from '../../log.js';
import { type RunningLogger, startLogger } from '../logger/logger.js';
import type { UpstreamIo } from '../upstream.js';
import { withNames } from './given-path.js';
import { act, openStreams, pathOf } from './open-streams.js';
import { planOf } from './plan.js';
import type { UpstreamIdentity, UpstreamRequest } from './stdio-request.js';

/** Options of `openUpstream`. */
export interface UpstreamOptions {
  /** Where time comes from, for the bounds of logging programs. Default: the asyncScheduler. */
  readonly scheduler?: SchedulerLike;
  readonly log?: Logger;
  /**
   * In milliseconds: how long the reader of a named pipe of Windows may stay away, when it has gone, before writing to it
   * fails. Default: 0, for ever.
   */
  readonly pipeRetryTimeout?: number;
}

/**
 * Returns a cold Observable that opens what was asked for when subscribed to, emits it once, and completes: at once, or
 * with a logging program when that is ready, within 10 s. A subscriber that unsubscribes before has nothing to close.
 *
 * Errors with an `RxshimError`: `invalidArgument`, with `field` naming the stream, for what cannot be connected to;
 * `failedPrecondition` for a terminal with stderr; `notFound`, `failedPrecondition` or `unavailable` for a logging
 * program that is missing, cannot be started or does not get ready; `unavailable` when descriptors run out.
 *
 * Paths, URIs and their meaning are containerd's; see `StreamName` for them.
 *
 * @example
 * const upstream = await firstValueFrom(openUpstream({ stdin: 'pipe', stdout: 'pipe' }, { containerId: 'c1' }));
 */
export const openUpstream = (
  given: UpstreamRequest,
  identity: UpstreamIdentity,
  options: UpstreamOptions = {},
): Observable<UpstreamIo> =>
  defer(() => {
    if (typeof given !== 'object' || given === null) throw invalid('stdio', given, 'an object');
    const request = withNames(given);
    const plan = planOf(request);
    if (plan.kind === 'streams') return of(openStreams(plan, request, options));
    return startLogger(plan, identity, options).pipe(map((logger) => loggerUpstream(logger, request)));
  });

// The original says that there is no terminal when there is a logging program. The process may have one all the same:
// then it must not be given descriptors, and has but one output.
const loggerUpstream = ({ stdout, stderr, close }: RunningLogger, request: UpstreamRequest): UpstreamIo => ({
  ...(request.terminal === true ? { stdout: { write: stdout.write } } : { stdout, stderr }),
  stdinPath: '',
  stdoutPath: pathOf(request.stdout),
  stderrPath: pathOf(request.stderr),
  terminal: false,
  closeWaits: true,
  closeStdin: () => act(() => undefined),
  close,
});
