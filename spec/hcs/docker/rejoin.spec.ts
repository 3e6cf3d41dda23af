import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { outputOf } from '../../../src/hcs/docker/stdio/output.js';
import { rejoin, tailOf } from '../../../src/hcs/docker/stdio/rejoin.js';
import { text } from '../../../src/index.js';

/** What is emitted after `received` of a log, cut into pieces of a size. */
const after = (received: string, log: string, size = log.length): string => {
  const tail = tailOf();
  tail.push(Buffer.from(received));
  const join = rejoin(Buffer.byteLength(received), tail.bytes());
  const bytes = Buffer.from(log);
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size)
    out.push(...join.take(bytes.subarray(at, at + size)).map((piece) => Buffer.from(piece)));
  return Buffer.concat(out).toString();
};

test.each([
  ['has all that was received', 'a\nb\n', 'a\nb\nc\n', 'c\n'],
  ['has nothing new', 'a\nb\n', 'a\nb\n', ''],
  ['has less than was received', 'a\nb\n', 'a\n', ''],
  ['lacks the last line, which its daemon had not written yet', 'a\nb24\n', 'a\nb25\nc\n', 'b25\nc\n'],
  ['lacks several lines', '1\n2\n3\n4\n', '1\n2\n5\n6\n', '5\n6\n'],
  ['lacks all that was received', '1\n', '2\n', '2\n'],
  ['lacks the beginning of a line, which the killed daemon had read', 'a\nhal', 'a\nf\nnext\n', 'f\nnext\n'],
  ['has the rest of a line', 'a\nhal', 'a\nhalf\n', 'f\n'],
  ['has characters of several bytes', 'ä\nö', 'ä\nöü\n', 'ü\n'],
])('a log that %s is joined to what was received', (_, received, log, expected) => {
  for (let size = 1; size <= log.length; size += 1) expect(after(received, log, size)).toBe(expected);
});

test('a log is joined to the last received bytes, for any number of them', () => {
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join('');
  const received = lines(0, 20_000);
  expect(after(received, `${lines(0, 19_990)}${lines(20_000, 20_010)}`, 1_000)).toBe(lines(20_000, 20_010));
  expect(after(received, lines(0, 20_010), 777)).toBe(lines(20_000, 20_010));
});

test('bytes that are no text are counted', () => {
  const tail = tailOf();
  tail.push(Uint8Array.of(0xff, 10, 0xfe));
  const join = rejoin(3, tail.bytes());
  expect(join.take(Uint8Array.of(1, 2))).toEqual([]);
  expect(join.take(Uint8Array.of(3, 4, 5)).map((piece) => [...piece])).toEqual([[4, 5]]);
});

test('what was joined once is joined again at the place in the log, which lacks some of it', async () => {
  const output = outputOf(false);
  const connect = (log: string, skip?: { stdout: number; stderr: number }): Promise<unknown> =>
    new Promise((resolve) => {
      output.connect({ stream: Readable.from([Buffer.from(log)]) }, resolve, skip);
    });
  await connect('1\n2\n3\n');
  await connect('1\n4\n5\n', output.received());
  await connect('1\n4\n5\n6\n', output.received());
  await connect('1\n4\n5\n6\n', output.received());
  output.finish();
  expect(await text(output.stdout)).toBe('1\n2\n3\n4\n5\n6\n');
});
