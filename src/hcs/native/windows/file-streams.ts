/**
 * Descriptors of Node on Windows, read and written by Node's own pool of threads: files, and this program's own streams.
 * They stay the caller's to close.
 */
import { read, write } from 'node:fs';
import type { ByteSink } from '../../contract/bytes.js';

const SIZE = 64 * 1024;

/** Ends at the end of file. One that was left may still have a read under way, whose bytes are lost. */
export async function* fileSource(fd: number): AsyncGenerator<Uint8Array, undefined> {
  const buffer = Buffer.allocUnsafe(SIZE);
  for (;;) {
    const length = await new Promise<number>((resolve, reject) =>
      read(fd, buffer, 0, SIZE, null, (error, length) => {
        // What Windows says of a pipe whose writers are gone.
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
