/**
 * All objects of a collection: a list, then a watch, for as long as it is subscribed to.
 *
 * The invariants: no change is lost without a new list, whether the connection breaks, ends in order, goes silent, or its
 * version is too old (410); and a server that cannot be reached is tried again with growing pauses, without end. It is
 * for the reader to decide how long is too long.
 */
import { Observable } from 'rxjs';
import { RxshimError } from '../../failures/errors.js';
import { backoff, pause } from '../../remote/pause.js';
import { statusIn } from './api-error.js';
import { type Collection, listPages } from './list-pages.js';
import { open, type Query } from './request.js';

/** A line of a watch. */
interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: {
    readonly metadata?: { readonly resourceVersion?: string };
    readonly code?: number;
    readonly message?: string;
    readonly reason?: string;
  };
}

export type News<T> =
  /** A list is asked for. An object that is not in it, and existed before, is gone. */
  | { readonly kind: 'listing' }
  /** All that there are now; what is not among them is gone. */
  | { readonly kind: 'listed'; readonly objects: readonly T[] }
  | { readonly kind: 'changed'; readonly object: T }
  /** Removed, with what was known of it last. */
  | { readonly kind: 'removed'; readonly object: T }
  /** The watch is open: what comes from now on is seen. */
  | { readonly kind: 'connected' }
  /** The server cannot be reached, or refuses; it is tried again. */
  | { readonly kind: 'failing'; readonly error: unknown };

/**
 * Each subscription is a connection of its own.
 * @param read what is kept of a document.
 */
export const watchObjects = <D, T>(collection: Collection, read: (document: D) => T): Observable<News<T>> =>
  new Observable((listener) => {
    const abort = new AbortController();
    const news = (one: News<T>): void => listener.next(one);
    void follow({ collection, read: read as (document: unknown) => T, news }, abort.signal);
    return () => abort.abort();
  });

interface Watching<T> {
  readonly collection: Collection;
  read(document: unknown): T;
  news(one: News<T>): void;
}

const follow = async <T>(watching: Watching<T>, signal: AbortSignal): Promise<void> => {
  let version: string | undefined;
  let next = backoff(50, 10_000);
  while (!signal.aborted) {
    try {
      version ??= await list(watching, signal);
      const seen = await watch(watching, version, signal);
      version = seen.version;
      // A watch that ends at once and says nothing must not make this a busy loop.
      if (seen.events > 0) next = backoff(50, 10_000);
      else await pause(next(), signal);
    } catch (error) {
      if (signal.aborted) return;
      if (statusIn(error) === 410) version = undefined;
      else {
        watching.news({ kind: 'failing', error });
        await pause(next(), signal);
      }
    }
  }
};

const list = async <T>({ collection, read, news }: Watching<T>, signal: AbortSignal): Promise<string> => {
  const objects: T[] = [];
  news({ kind: 'listing' });
  const version = await listPages(collection, signal, (document) => objects.push(read(document)));
  if (!signal.aborted) news({ kind: 'listed', objects });
  return version;
};

/** How long a server keeps a watch open, in seconds. */
const watchTime = 300;

/**
 * How long a connection may be silent, in milliseconds. Bookmarks come each minute: after this it is dead, or its version
 * is in the future of a server that was restored, which answers with silence.
 */
const maxSilence = 150_000;

/** Resolves when the server ends it. @throws RxshimError with status 410 where the version is too old. */
const watch = async <T>(
  { collection, read, news }: Watching<T>,
  from: string,
  signal: AbortSignal,
): Promise<{ readonly version: string | undefined; readonly events: number }> => {
  const query: Query = [
    ['watch', 1],
    ['resourceVersion', from],
    ['allowWatchBookmarks', true],
    ['timeoutSeconds', watchTime],
    ...collection.query,
  ];
  const connection = new AbortController();
  const stop = (): void => connection.abort();
  signal.addEventListener('abort', stop);
  let events = 0;
  let isSilent = false;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      isSilent = true;
      stop();
    }, maxSilence);
    silence.unref();
  };
  let version: string | undefined = from;
  try {
    heard();
    const { cluster, noun } = collection;
    const path = await collection.path();
    const request = { path, query, what: `watch ${noun}`, needs: `watch on ${noun}` };
    const response = await open(cluster, request, connection.signal);
    news({ kind: 'connected' });
    const split = lineSplitter((line) => {
      const { type, object } = JSON.parse(line) as WatchEvent;
      if (type === 'ERROR') throw expired(noun, object);
      events += 1;
      version = object.metadata?.resourceVersion ?? version;
      if (type !== 'BOOKMARK')
        news({ kind: type === 'DELETED' ? 'removed' : 'changed', object: read(object) });
    });
    for await (const chunk of response as AsyncIterable<Buffer>) {
      heard();
      split(chunk);
    }
  } catch (error) {
    if (error instanceof RxshimError) throw error;
    // A connection that broke is opened again where it stopped, unless it had become silent.
    if (!isSilent) return { version, events };
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', stop);
    connection.abort();
  }
  return { version: isSilent ? undefined : version, events };
};

const expired = (noun: string, { code = 0, message = '', reason = '' }: WatchEvent['object']): RxshimError =>
  new RxshimError('unavailable', `watch ${noun}: ${message}`, {
    cause: Object.assign(new Error(message), { status: code, reason }),
  });

/** Calls back for each whole line; a line that is cut off is dropped, as the server sends it again. */
const lineSplitter = (line: (text: string) => void): ((chunk: Buffer) => void) => {
  let pieces: Buffer[] = [];
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const text = Buffer.concat([...pieces, chunk.subarray(from, end)]).toString('utf8');
      pieces = [];
      from = end + 1;
      if (text.trim() !== '') line(text);
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from));
  };
};

const newline = 0x0a;
