/**
 * Pulls images, with progress.
 *
 * Daemons report a failure by the status of their answer, or, once progress has begun, as a line of it: both are errors
 * here, of the same kinds: `notFound`, `permissionDenied`, `unavailable`.
 */
import { catchError, concatMap, defer, EMPTY, from, map, type Observable, throwError } from 'rxjs';
import { type Command, commanded } from '../../../operators/command.js';
import { requireKnown } from '../../failures/refuse-unknown.js';
import { failureByText, statusIn } from '../api/api-error.js';
import { type ApiClient, apiClient } from '../api/client.js';
import { findEndpoint } from '../api/find-endpoint.js';
import { jsonLines } from '../api/json-lines.js';
import { type DaemonOptions, daemonOptionNames, resolveDaemon } from '../container/options.js';
import { authHeader, type Credentials, credentialsFor } from './credentials.js';
import { parseReference } from './reference.js';

export interface PullOptions extends DaemonOptions {
  /** `linux/arm64`, say. Default: the daemon's own. */
  readonly platform?: string;
  /** Default: those of the docker command's configuration and its credential helpers. */
  readonly credentials?: Omit<Credentials, 'serveraddress'>;
}

/** One line of progress. */
export interface PullProgress {
  /** The step in progress: `Downloading`, `Pull complete`, `Status: …`. */
  readonly status: string;
  /** The layer that the progress is about. */
  readonly id?: string;
  /** In bytes. */
  readonly current?: number;
  readonly total?: number;
}

/**
 * Pulls an image, and emits its progress. Unsubscribing ends the pull.
 *
 * @throws RxshimError `notFound` for an image or tag that does not exist, `permissionDenied` where the registry wants other
 *   credentials, `unavailable` where the daemon or the registry cannot be reached.
 * @example
 * pullImage('alpine:3.20').subscribe(({ id, status }) => console.log(id, status));
 */
export const pullImage = (image: string, options: PullOptions = {}): Command<PullProgress> =>
  commanded(defer(() => pulled(clientOf(options), image, options)));

/** Pulls an image unless the daemon has it; completes when it is there. */
export const ensureImage = (image: string, options: PullOptions = {}): Command<PullProgress> =>
  commanded(
    defer(() => {
      const api = clientOf(options);
      parseReference(image);
      return api.call({ method: 'GET', path: `/images/${image}/json`, what: `inspect image ${image}` }).pipe(
        concatMap(() => EMPTY),
        catchError((error) =>
          statusIn(error) === 404 ? pulled(api, image, options) : throwError(() => error),
        ),
      );
    }),
  );

const clientOf = (options: PullOptions): ApiClient => {
  requireKnown('', options, ['platform', 'credentials', ...daemonOptionNames]);
  if (options.credentials !== undefined)
    requireKnown('credentials', options.credentials, ['username', 'password', 'identitytoken']);
  return apiClient(resolveDaemon(options, findEndpoint).endpoint);
};

export const pulled = (
  api: ApiClient,
  image: string,
  { platform, credentials }: Pick<PullOptions, 'platform' | 'credentials'> = {},
): Observable<PullProgress> =>
  defer(() => {
    const { registry, name, tag } = parseReference(image);
    const what = `pull image ${image}`;
    const known = credentials ? { ...credentials, serveraddress: registry } : undefined;
    return from(known ? Promise.resolve(known) : credentialsFor(registry)).pipe(
      concatMap((found) =>
        api.stream({
          method: 'POST',
          path: '/images/create',
          query: { fromImage: name, tag, platform },
          headers: authHeader(found),
          what,
        }),
      ),
      concatMap((response) => jsonLines<ProgressLine>(response, what)),
      map((line) => progressOf(line, what)),
    );
  });

interface ProgressLine {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

const progressOf = (
  { status = '', id, progressDetail, error, errorDetail }: ProgressLine,
  what: string,
): PullProgress => {
  const failure = error ?? errorDetail?.message;
  if (failure !== undefined) throw failureByText(what, failure);
  const { current, total } = progressDetail ?? {};
  return {
    status,
    ...(id !== undefined && { id }),
    ...(current !== undefined && { current }),
    ...(total !== undefined && { total }),
  };
};
