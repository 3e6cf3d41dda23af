/** Writes tar archives (ustar) of files in memory. */
import { invalid } from '../../failures/errors.js';

const block = 512;

/** Files by path; a path with a slash makes its folders. Owner root, mode 644, or 755 for what begins with `#!`. */
export const tarOf = function* (
  files: Readonly<Record<string, string | Uint8Array>>,
): Generator<Uint8Array, undefined> {
  const folders = new Set<string>();
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/');
    if (path === '' || parts.some((part) => part === '' || part === '.' || part === '..'))
      throw invalid(`files[${JSON.stringify(path)}]`, path, 'a relative path');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = `${parts.slice(0, depth).join('/')}/`;
      if (folders.has(folder)) continue;
      folders.add(folder);
      yield header(folder, 0, 0o755, '5');
    }
    const bytes = Buffer.from(content);
    const isScript = bytes[0] === 0x23 && bytes[1] === 0x21;
    yield header(path, bytes.length, isScript ? 0o755 : 0o644, '0');
    yield bytes;
    yield Buffer.alloc((block - (bytes.length % block)) % block);
  }
  yield Buffer.alloc(2 * block);
  return undefined;
};

const header = (path: string, size: number, mode: number, type: '0' | '5'): Buffer => {
  const [prefix, name] = split(path);
  const bytes = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number): void =>
    void bytes.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  bytes.write(name, 0, 'utf8');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  // The checksum is made with blanks in its place.
  bytes.write(' '.repeat(8), 148, 'latin1');
  bytes.write(type, 156, 'latin1');
  bytes.write('ustar\x0000', 257, 'latin1');
  bytes.write(prefix, 345, 'utf8');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
};

/** A path of more than 100 bytes is divided at a slash. */
const split = (path: string): readonly [prefix: string, name: string] => {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && name !== '' && Buffer.byteLength(name) <= 100)
      return [prefix, name];
  }
  throw invalid('files', path, 'a path of at most 255 bytes');
};
