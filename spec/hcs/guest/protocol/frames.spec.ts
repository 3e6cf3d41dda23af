import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, from, NEVER, type Observable, of, throwError } from 'rxjs';
import { encodeFrame, type Frame, headerSize, hostLimit } from '../../../../src/hcs/guest/protocol/frame.js';
import { frames } from '../../../../src/hcs/guest/protocol/frames.js';

interface Read {
  readonly frames: Frame[];
  readonly end: 'open' | 'complete' | string;
}

/** The frames parsed from bytes in these pieces. */
const read = (source: Observable<Uint8Array>, limit = hostLimit): Read => {
  const seen: Frame[] = [];
  let end = 'open';
  source.pipe(frames(limit)).subscribe({
    next: ({ type, id, body }) => seen.push({ type, id, body: Uint8Array.from(body) }),
    error: (error: Error) => (end = error.message),
    complete: () => (end = 'complete'),
  });
  return { frames: seen, end };
};

const frame = (text: string, id = 1n): Frame => ({
  type: 0x10100101,
  id,
  body: Uint8Array.from(Buffer.from(text)),
});
const bytesOf = (...all: readonly Frame[]): Buffer => Buffer.concat(all.map(encodeFrame));
const header = (size: number): Buffer => {
  const bytes = Buffer.alloc(headerSize);
  bytes.writeUInt32LE(0x10100101, 0);
  bytes.writeUInt32LE(size, 4);
  return bytes;
};

describe('a frame', () => {
  it('is on the wire as the reference has it', () => {
    const body = Buffer.from(
      '{"ContainerId":"","ActivityId":"00000000-0000-0000-0000-000000000000","MinimumVersion":4,"MaximumVersion":4}\n',
    );
    const bytes = Buffer.from(encodeFrame({ type: 0x10100b01, id: 0n, body }));
    expect(bytes.toString('hex', 0, 16)).toBe('010b10107d0000000000000000000000');
    expect(bytes).toHaveLength(0x7d);
  });

  it('is the same wherever its bytes are cut, in two or in three', () => {
    const all = [frame('{"a":1}'), frame('', 0n), frame('x'.repeat(40), 2n ** 64n - 1n)];
    const bytes = bytesOf(...all);
    for (let first = 0; first <= bytes.length; first += 1) {
      const two = [bytes.subarray(0, first), bytes.subarray(first)];
      expect(read(from(two))).toEqual({ frames: all, end: 'complete' });
      for (let second = first; second <= bytes.length; second += 7) {
        const three = [two[0]!, bytes.subarray(first, second), bytes.subarray(second)];
        expect(read(from(three)).frames).toEqual(all);
      }
    }
  });

  it('is not emitted before its last byte has arrived', () => {
    const bytes = bytesOf(frame('{"a":1}'));
    for (let length = 0; length < bytes.length; length += 1) {
      expect(read(concat(of(bytes.subarray(0, length)), NEVER))).toEqual({ frames: [], end: 'open' });
    }
  });

  it('that the connection ends within is an error, which the end between two is not', () => {
    const bytes = bytesOf(frame('{"a":1}'));
    for (let length = 1; length < bytes.length; length += 1) {
      expect(read(of(bytes.subarray(0, length))).end).toContain(
        `ended within a message, after ${length} bytes`,
      );
    }
    expect(read(of(bytes)).end).toBe('complete');
    expect(read(of(bytes.subarray(0, 0))).end).toBe('complete');
  });

  it.each([0, 1, 15, hostLimit + 1, 0x7fffffff, 0xffffffff])(
    'of size %i is refused before its body comes',
    (size) => {
      expect(read(concat(of(header(size)), NEVER)).end).toBe(`invalid message size ${size}: unavailable`);
    },
  );

  it('of the smallest and of the largest size is taken', () => {
    expect(read(of(bytesOf(frame('')))).frames).toHaveLength(1);
    const largest = frame('x'.repeat(hostLimit - headerSize));
    expect(read(of(bytesOf(largest))).frames).toEqual([largest]);
    expect(read(of(bytesOf(frame('x'.repeat(hostLimit - headerSize + 1))))).end).toContain(
      'invalid message size 65537',
    );
  });

  it('after a broken one is not looked for', () => {
    const all = Buffer.concat([bytesOf(frame('good')), header(3), bytesOf(frame('lost'))]);
    expect(read(of(all))).toMatchObject({
      frames: [frame('good')],
      end: 'invalid message size 3: unavailable',
    });
  });

  it('is not emitted after an unsubscribe, even if it came with the one before', () => {
    const seen: bigint[] = [];
    const subscription = concat(of(bytesOf(frame('', 1n), frame('', 2n))), NEVER)
      .pipe(frames(hostLimit))
      .subscribe(({ id }) => {
        seen.push(id);
        queueMicrotask(() => undefined);
      });
    subscription.unsubscribe();
    expect(seen).toEqual([1n, 2n]);
  });

  it('passes on what breaks the connection', () => {
    expect(read(throwError(() => new Error('reset'))).end).toBe('reset');
  });
});

describe('any bytes at all', () => {
  const anyFrame = fc.record({
    type: fc.integer({ min: 0, max: 0xffffffff }),
    id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    body: fc.uint8Array({ maxLength: 60 }),
  });
  const cut = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
    const pieces: Buffer[] = [];
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const size = sizes[turn % sizes.length] as number;
      pieces.push(bytes.subarray(at, at + size));
      at += size;
    }
    return pieces;
  };
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });

  it('that are frames come out as they went in, cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), cuts, (all, sizes) => {
        expect(read(from(cut(bytesOf(...all), sizes)))).toEqual({ frames: all, end: 'complete' });
      }),
      { seed: 4, numRuns: 5_000 },
    );
  });

  it('that are rubbish end in an error or in silence, and come to the same wherever they are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), cuts, (rubbish, sizes) => {
        const whole = read(of(rubbish), 64);
        expect(whole.end).toMatch(/^complete$|invalid message size|ended within a message/);
        const inPieces = read(from(cut(Buffer.from(rubbish), sizes)), 64);
        expect(inPieces.frames).toEqual(whole.frames);
        // The reported length of an unfinished frame depends only on the bytes.
        expect(inPieces.end).toBe(whole.end);
      }),
      { seed: 5, numRuns: 5_000 },
    );
  });
});
