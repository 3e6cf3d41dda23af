/** Files in and out of a container, as tar archives that are streamed. */
import { Readable } from 'node:stream';
import { defer, firstValueFrom, ignoreElements, type Observable } from 'rxjs';
import { invalid, RxshimError } from '../../failures/errors.js';
import { type Container, idOf } from '../container/container.js';
import { tarOf } from './tar.js';

/** Files by their path below the folder: text, bytes, or an archive as a whole. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A tar archive, compressed or not. */
export type Archive = Uint8Array | AsyncIterable<Uint8Array>;

/** Unpacks an archive, or files, in a folder of the container that exists. */
export const copyIn = (container: Container, folder: string, content: Files | Archive): Observable<never> =>
  defer(() => {
    requirePath('folder', folder);
    return container.api
      .call({
        method: 'PUT',
        path: `/containers/${idOf(container)}/archive`,
        query: { path: folder, noOverwriteDirNonDir: true },
        stream: Readable.from(chunksOf(content)),
        headers: { 'Content-Type': 'application/x-tar' },
        what: `copy files into container ${container.name}`,
      })
      .pipe(ignoreElements());
  });

/** Emits the pieces of a tar archive of a file or folder. Unsubscribing ends it. */
export const copyOut = async function* (
  container: Container,
  path: string,
): AsyncGenerator<Uint8Array, undefined> {
  requirePath('path', path);
  const response = await firstValueFrom(
    container.api.stream({
      method: 'GET',
      path: `/containers/${idOf(container)}/archive`,
      query: { path },
      what: `copy ${path} out of container ${container.name}`,
    }),
  );
  try {
    yield* response as AsyncIterable<Uint8Array>;
  } finally {
    response.destroy();
  }
  if (!response.complete) throw new RxshimError('unavailable', `copy ${path}: the connection was cut off`);
  return undefined;
};

const requirePath = (field: string, path: unknown): void => {
  if (typeof path !== 'string' || !path.startsWith('/')) throw invalid(field, path, 'an absolute path');
};

const chunksOf = (content: Files | Archive): Iterable<Uint8Array> | AsyncIterable<Uint8Array> => {
  if (content instanceof Uint8Array) return [content];
  if (Symbol.asyncIterator in content) return content as AsyncIterable<Uint8Array>;
  return [...tarOf(content as Files)];
};
