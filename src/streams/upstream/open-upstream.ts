import { Observable, type SchedulerLike } from 'rxjs';
import type { Logger } from '../log.js';
import type { UpstreamIo } from '../upstream.js';
import type { StdioRequest, UpstreamIdentity } from './stdio-request.js';

export interface UpstreamOptions {
  /** Where time comes from. Default: the asyncScheduler. */
  readonly scheduler?: SchedulerLike;
  readonly log?: Logger;
}

/** Opens the caller's end of an exec's stdio. Cold; emits once and completes. */
export const openUpstream = (
  _request: StdioRequest,
  _identity: UpstreamIdentity,
  _options: UpstreamOptions = {},
): Observable<UpstreamIo> =>
  new Observable((listener) => listener.error(new Error('openUpstream: not written yet')));
