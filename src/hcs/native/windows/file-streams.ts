/**
 * Node's file descriptors on Windows as byte streams, read and written on libuv's thread pool: files, and this
 * program's standard streams. The caller closes them.
 */
import { read, write } from 'node:fs';
import type { ByteSink } from '../../contract/bytes.js';

const SIZE = 64 * 1024;

/** Ends at end of file. If the reader stops early, a pending read may lose its bytes. */
export async function* fileSource(fd: number): AsyncGenerator<Uint8Array, undefined> {
  const buffer = Buffer.allocUnsafe(SIZE);
  for (;;) {
    const length = await new Promise<number>((resolve, reject) =>
      read(fd, buffer, 0, SIZE, null, (error, length) => {
        // Windows reports this when all writers of a pipe have closed it.
        if (error && error.code !== 'EOF') reject(error);
        else resolve(error ? 0 : length);
      }),
    );
    if (length === 0) return undefined;
    yield buffer.subarray(0, length);
  }
}

export const fileSink = (fd: number): ByteSink => ({
  write: async (chunk) => {
    for (let rest = chunk; rest.length > 0; ) {
      const length = await new Promise<number>((resolve, reject) =>
        write(fd, rest, (error, length) => (error ? reject(error) : resolve(length))),
      );
      rest = rest.subarray(length);
    }
  },
});
