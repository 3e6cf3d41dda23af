/** The conditions under which work counts as ready, and the checks for them. */
import { connect } from 'node:net';
import { exhaustMap, filter, Observable, type SchedulerLike, Subscription, take, timer } from 'rxjs';
import { invalid } from '../hcs/failures/errors.js';
import { requireKnown } from '../hcs/failures/refuse-unknown.js';
import type { OutputChunk } from '../streams/stdio/output-stream.js';
import { type Check, verdict } from './health.js';

/**
 * - `line`: it has written a line, to stdout or stderr, that contains the text or matches; also one without an end yet.
 * - `port`: the port accepts connections. Default host: `127.0.0.1`.
 * - `http`: a GET is answered with a status from 200 to 399.
 * - `check`: it returns an Observable that emits `true`, or a run that does not fail.
 */
export type Condition =
  | { readonly line: string | RegExp }
  | { readonly port: number; readonly host?: string }
  | { readonly http: string }
  | { readonly check: Check };

export interface Watcher {
  /** The work has started: checks it until unsubscribed from. */
  started(): Subscription;
  output(chunk: Pick<OutputChunk, 'stream' | 'bytes'>): void;
}

interface WatchOptions {
  readonly interval: number;
  readonly scheduler: SchedulerLike;
  ready(): void;
}

/** How long one check may take. */
const lookTimeout = 5_000;

/** A condition in words, for an error. @throws RxshimError `invalidArgument` for one that cannot be. */
export const describe = (condition: Condition): string => {
  if (typeof condition === 'object' && condition !== null) {
    const fields = fieldsOf(condition);
    if (fields.length > 0) requireKnown('condition', condition, fields);
    if ('line' in condition) return `it wrote a line with ${condition.line}`;
    if ('port' in condition) return `port ${condition.port} took connections`;
    if ('http' in condition) return `${condition.http} was answered well`;
    if ('check' in condition && typeof condition.check === 'function') return 'its check succeeded';
  }
  throw invalid('condition', condition, '{ line }, { port }, { http } or { check }');
};

const fieldsOf = (condition: Condition): readonly string[] => {
  if ('port' in condition) return ['port', 'host'];
  return ['line', 'http', 'check'].filter((name) => name in condition).slice(0, 1);
};

export const watcher = (condition: Condition, { interval, scheduler, ready }: WatchOptions): Watcher => {
  if ('line' in condition) return lineWatcher(condition.line, ready);
  const check = checkOf(condition);
  return {
    started: () =>
      timer(0, interval, scheduler)
        .pipe(
          exhaustMap(() => verdict(check, lookTimeout, scheduler)),
          filter((good) => good),
          take(1),
        )
        .subscribe(ready),
    output: () => undefined,
  };
};

const checkOf = (condition: Exclude<Condition, { line: unknown }>): Check => {
  if ('check' in condition) return condition.check;
  if ('http' in condition) return () => fetched(condition.http);
  return () => connected(condition.port, condition.host ?? '127.0.0.1');
};

/** The longest line that is looked at. */
const maxLine = 64 * 1024;

const lineWatcher = (wanted: string | RegExp, ready: () => void): Watcher => {
  const open = { stdout: '', stderr: '' };
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  // A pattern with the flag g or y would resume where its last match ended.
  const pattern =
    typeof wanted === 'string' ? wanted : new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, ''));
  const matches = (line: string): boolean =>
    typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line);
  return {
    started: () => new Subscription(),
    output: ({ stream, bytes }) => {
      const lines = (open[stream] + decoders[stream].decode(bytes, { stream: true })).split(/\r?\n/);
      open[stream] = (lines.at(-1) as string).slice(-maxLine);
      if (lines.some(matches)) ready();
    },
  };
};

const connected = (port: number, host: string): Observable<boolean> =>
  new Observable((listener) => {
    const socket = connect({ port, host });
    socket.once('connect', () => listener.next(true));
    socket.once('error', () => listener.next(false));
    return () => socket.destroy();
  });

const fetched = (url: string): Observable<boolean> =>
  new Observable((listener) => {
    const abort = new AbortController();
    fetch(url, { signal: abort.signal, redirect: 'manual' }).then(
      async ({ status, body }) => {
        await body?.cancel();
        listener.next(status >= 200 && status < 400);
      },
      () => listener.next(false),
    );
    return () => abort.abort();
  });
