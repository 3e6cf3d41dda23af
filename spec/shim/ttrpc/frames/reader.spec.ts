import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Frame, frameReader, maxPayload } from '../../../../src/shim/ttrpc/index.js';
import { bytesOfFrame } from '../harness.js';

/** What a reader makes of these chunks, as text. */
const read = (chunks: readonly Buffer[], limit?: number): { frames: string[]; unfinished: boolean } => {
  const frames: string[] = [];
  const reader = frameReader(
    {
      frame: ({ stream, type, flags, payload }: Frame) =>
        frames.push(`${stream} ${type} ${flags} ${payload.toString('hex')}`),
      oversize: ({ stream, type }, length) => frames.push(`${stream} ${type} oversize ${length}`),
    },
    limit,
  );
  for (const chunk of chunks) reader.push(chunk);
  return { frames, unfinished: reader.unfinished };
};

describe('reading frames', () => {
  it('reads the header as the wire has it', () => {
    const bytes = Buffer.from('00000003' + '00000105' + '01' + '02' + 'aabbcc', 'hex');
    expect(read([bytes])).toEqual({ frames: ['261 1 2 aabbcc'], unfinished: false });
  });

  it('finds the same frames wherever the bytes are cut', () => {
    const bytes = Buffer.concat([
      bytesOfFrame(1, 1, Buffer.from('first')),
      bytesOfFrame(3, 1, Buffer.alloc(0)),
      bytesOfFrame(0xffff_ffff, 3, Buffer.from('third and last')),
    ]);
    const whole = read([bytes]);
    expect(whole.frames).toHaveLength(3);
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        const chunks = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect(read(chunks)).toEqual(whole);
      }
    }
    expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
  });

  it('finds any frames, cut anywhere, too long ones among them', () => {
    const frame = fc.record({
      stream: fc.nat(),
      type: fc.integer({ min: 0, max: 255 }),
      payload: fc.uint8Array({ maxLength: 48 }),
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), cuts, (frames, sizes) => {
        const limit = 32;
        const bytes = Buffer.concat(
          frames.map(({ stream, type, payload }) => bytesOfFrame(stream, type, payload)),
        );
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] as number;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        const expected = frames.map(({ stream, type, payload }) =>
          payload.length > limit
            ? `${stream} ${type} oversize ${payload.length}`
            : `${stream} ${type} 0 ${Buffer.from(payload).toString('hex')}`,
        );
        expect(read(chunks, limit)).toEqual({ frames: expected, unfinished: false });
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('takes a payload of the limit and skips one that is a byte longer', () => {
    const bytes = Buffer.concat([
      bytesOfFrame(1, 1, Buffer.alloc(maxPayload)),
      bytesOfFrame(3, 1, Buffer.alloc(maxPayload + 1)),
      bytesOfFrame(5, 1, Buffer.from('next')),
    ]);
    const seen: string[] = [];
    const reader = frameReader({
      frame: ({ stream, payload }) => seen.push(`${stream} ${payload.length}`),
      oversize: ({ stream }, length) => seen.push(`${stream} skipped ${length}`),
    });
    for (let at = 0; at < bytes.length; at += 65_536) reader.push(bytes.subarray(at, at + 65_536));
    expect(seen).toEqual([`1 ${maxPayload}`, `3 skipped ${maxPayload + 1}`, '5 4']);
  });

  it('survives any rubbish', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
        read(chunks.map((chunk) => Buffer.from(chunk)));
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('holds little for a header that promises much, and for a payload that comes byte by byte', () => {
    const promise = bytesOfFrame(1, 1, Buffer.alloc(maxPayload)).subarray(0, 50);
    const crumb = Buffer.alloc(1);
    const before = process.memoryUsage();
    const readers = Array.from({ length: 1_000 }, () => {
      const reader = frameReader({ frame: () => {}, oversize: () => {} });
      reader.push(promise);
      return reader;
    });
    for (let turn = 0; turn < 1_000_000; turn += 1) readers[0]?.push(crumb);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * 1024 * 1024);
    expect(readers.every(({ unfinished }) => unfinished)).toBe(true);
  });
});
