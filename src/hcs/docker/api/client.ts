/**
 * A client of the Engine API: the version agreed on once, each answer as JSON or as a stream, failures as typed errors.
 *
 * Cold Observables: a request is sent when subscribed to. A request that changes something (`call`) continues after an
 * unsubscribe; one that only listens (`listen`, `lines`) ends.
 */
import type { IncomingMessage } from 'node:http';
import { concatMap, defer, map, Observable, ReplaySubject } from 'rxjs';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { refused, unreachable } from './api-error.js';
import { type Endpoint, endpointText } from './endpoint.js';
import { type ApiRequest, respond, textOf, type Upgraded, upgrade, whatOf } from './request.js';

/** A daemon's description of itself. */
export interface Daemon {
  /** The version of the API that is spoken, such as `1.41`. */
  readonly version: string;
  readonly isPodman: boolean;
}

export interface ApiClient {
  readonly endpoint: Endpoint;
  /** Asked once; again after a failure. */
  readonly daemon$: Observable<Daemon>;
  /** Emits the answer, parsed where it is JSON, once. */
  call<T = unknown>(request: ApiRequest): Observable<T>;
  /** Emits the head of an answer whose body is a stream. Unsubscribing closes it. */
  listen(request: ApiRequest): Observable<IncomingMessage>;
  /** As `listen`, but the subscriber takes over the body and must close it: unsubscribing does not. */
  stream(request: ApiRequest): Observable<IncomingMessage>;
  upgrade(request: ApiRequest): Observable<Upgraded>;
}

/** The newest version that this client was written for. */
const newest = '1.47';
/** The oldest with all that is needed: `wait` for the next exit. */
const oldest = '1.30';

/** How long a daemon may take to say what it is, in milliseconds. */
const pingTimeout = 30_000;

export const apiClient = (endpoint: Endpoint): ApiClient => {
  let asked: ReplaySubject<Daemon> | undefined;
  const daemon$ = defer(() => {
    if (asked !== undefined) return asked;
    const answer = new ReplaySubject<Daemon>(1);
    asked = answer;
    ping(endpoint).subscribe({
      next: (daemon) => answer.next(daemon),
      error: (error) => {
        asked = undefined;
        answer.error(error);
      },
      complete: () => answer.complete(),
    });
    return answer;
  });
  const versioned = <T>(send: (path: (request: ApiRequest) => string) => Observable<T>): Observable<T> =>
    daemon$.pipe(concatMap(({ version }) => send(({ path }) => `/v${version}${path}`)));
  return {
    endpoint,
    daemon$,
    call: <T>(request: ApiRequest) => versioned((path) => called<T>(endpoint, path(request), request)),
    listen: (request) => versioned((path) => listened(endpoint, path(request), request)),
    stream: (request) => versioned((path) => streamed(endpoint, path(request), request)),
    upgrade: (request) => versioned((path) => upgrade(endpoint, path(request), request)),
  };
};

const ping = (endpoint: Endpoint): Observable<Daemon> => {
  const request: ApiRequest = { method: 'GET', path: '/_ping', what: 'ping', within: pingTimeout };
  return answered(endpoint, '/_ping', request).pipe(
    map(({ headers }) => {
      const theirs = headers['api-version'];
      if (typeof theirs !== 'string' || !/^\d+\.\d+$/.test(theirs))
        throw new RxshimError(
          'unavailable',
          `ping: ${endpointText(endpoint)} is no container daemon (it named no version of the API)`,
        );
      if (before(theirs, oldest))
        throw new RxshimError(
          'notImplemented',
          `ping: daemon at ${endpointText(endpoint)}: API ${theirs} is older than ${oldest}`,
        );
      const isPodman =
        headers['libpod-api-version'] !== undefined || /^Libpod\//.test(String(headers['server'] ?? ''));
      return { version: before(theirs, newest) ? theirs : newest, isPodman };
    }),
  );
};

/** Whether one version of the API comes before another. */
export const before = (version: string, other: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
};

const called = <T>(endpoint: Endpoint, path: string, request: ApiRequest): Observable<T> =>
  answered(endpoint, path, request).pipe(map(({ body, headers }) => parsed(request, body, headers) as T));

interface Answer {
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** The request is completed even after an unsubscribe. */
const answered = (endpoint: Endpoint, path: string, request: ApiRequest): Observable<Answer> =>
  new Observable((listener) => {
    const fail = (cause: unknown): void => listener.error(unreachable(whatOf(request), endpoint, cause));
    const sending = respond(endpoint, path, request).subscribe({
      next: (response) => {
        const status = response.statusCode ?? 0;
        textOf(response).then((body) => {
          sending.unsubscribe();
          if (!isSuccess(status)) return listener.error(refused(whatOf(request), status, body));
          listener.next({ body, headers: response.headers });
          listener.complete();
        }, fail);
      },
      error: fail,
    });
  });

const listened = (endpoint: Endpoint, path: string, request: ApiRequest): Observable<IncomingMessage> =>
  new Observable((listener) =>
    respond(endpoint, path, request).subscribe({
      next: (response) => {
        const status = response.statusCode ?? 0;
        if (isSuccess(status)) return listener.next(response);
        textOf(response).then(
          (body) => listener.error(refused(whatOf(request), status, body)),
          (cause) => listener.error(unreachable(whatOf(request), endpoint, cause)),
        );
      },
      error: (error) => listener.error(error),
    }),
  );

const streamed = (endpoint: Endpoint, path: string, request: ApiRequest): Observable<IncomingMessage> =>
  new Observable((listener) => {
    let handedOver = false;
    const listening = listened(endpoint, path, request).subscribe({
      next: (response) => {
        handedOver = true;
        listener.next(response);
        listener.complete();
      },
      error: (error) => listener.error(error),
    });
    return () => {
      if (!handedOver) listening.unsubscribe();
    };
  });

/** 304: the object already is in the requested state. */
const isSuccess = (status: number): boolean => (status >= 200 && status < 300) || status === 304;

const parsed = (request: ApiRequest, body: string, headers: IncomingMessage['headers']): unknown => {
  // Podman does not always say that an answer is JSON.
  if (!/json/.test(headers['content-type'] ?? '') && !/^\s*[[{]/.test(body)) return body;
  if (body === '') return body;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new RxshimError('unknown', `${whatOf(request)}: the answer is no JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
  // No request of this client is answered so, and a reader of fields would fail with another error.
  if (value === null) throw new RxshimError('unknown', `${whatOf(request)}: the answer is null`);
  return value;
};
