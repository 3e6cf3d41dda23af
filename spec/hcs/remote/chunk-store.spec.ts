import { describe, expect, test } from '@jest/globals';
import { chunkStore, pieceList } from '../../../src/hcs/remote/chunk-store.js';

/** The same numbers in each run. */
const randomNumbers = (seed: number) => (below: number) => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return seed % below;
};

const counting = Buffer.alloc(300_000).map((_, at) => at);

describe.each([
  ['a store of blocks', chunkStore],
  ['a list of pieces', pieceList],
])('%s', (_, make) => {
  test('returns the bytes that were pushed, in their order, whatever the sizes', () => {
    const random = randomNumbers(7);
    // Two at a time: their blocks come from one list.
    const stores = [make(), make()].map((store) => ({ store, pushed: 0, taken: 0, held: 0 }));
    for (let step = 0; step < 1_000; step += 1) {
      const one = stores[random(2)]!;
      if (random(3) > 0) {
        const length = [1, 100, 5_000, 70_000, 200_000][random(5)]! - random(2);
        if (one.held + length > 600_000) continue;
        one.store.push(counting.subarray(one.pushed & 0xff, (one.pushed & 0xff) + length));
        one.pushed += length;
        one.held += length;
        continue;
      }
      const chunk = one.store.take();
      if (chunk === undefined) {
        expect(one.taken).toBe(one.pushed);
        continue;
      }
      const from = one.taken & 0xff;
      expect(Buffer.compare(chunk, counting.subarray(from, from + chunk.length))).toBe(0);
      one.taken += chunk.length;
      one.held -= chunk.length;
      expect(one.store.length).toBe(one.held);
    }
  });

  test('a chunk that was taken keeps its bytes until the next one is taken', () => {
    const [one, other] = [make(), make()];
    one.push(new Uint8Array(50_000).fill(1));
    const chunk = one.take() as Uint8Array;
    for (let at = 0; at < 40; at += 1) other.push(new Uint8Array(50_000).fill(2));
    one.clear();
    for (let at = 0; at < 40; at += 1) other.push(new Uint8Array(50_000).fill(3));
    expect(chunk.length).toBe(50_000);
    expect(chunk.every((byte) => byte === 1)).toBe(true);
  });
});

test('a store of blocks copies pushed chunks instead of keeping their memory, and joins small waiting pieces', () => {
  const store = chunkStore();
  const received = Uint8Array.of(1, 2, 3);
  for (let at = 0; at < 5; at += 1) {
    store.push(received);
    received.fill(9);
    received.set([1, 2, 3]);
  }
  received.fill(9);
  expect([store.take(), store.take(), store.take()].map((chunk) => chunk && [...chunk])).toEqual([
    [1, 2, 3],
    [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3],
    undefined,
  ]);
});
