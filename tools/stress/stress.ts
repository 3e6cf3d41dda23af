/**
 * Many lives of local processes, several at once, each ended at random; then a look at what is left of them.
 */

import { held, type Left, leftSince } from './left.js';
import type { Chance } from './life.js';

export interface Stress {
  readonly lives: number;
  readonly atOnce: number;
  readonly seed: number;
  /** Resolves with what it was, for the count. */
  readonly live: (id: string, mark: string, chance: Chance) => Promise<string>;
}

export interface Outcome {
  readonly left: Left;
  /** Rejections and errors that nothing took, warnings of Node, lives that failed or did not end. */
  readonly failures: readonly string[];
  /** How many were ended in which way. */
  readonly ways: Readonly<Record<string, number>>;
}

/** Far more than any life takes, on a busy machine too. */
const timeout = 60_000;

export const stress = async ({ lives, atOnce, seed, live }: Stress): Promise<Outcome> => {
  const chance = chanceFrom(seed);
  // A number of seconds that no other process on this host sleeps for.
  const mark = String(31_536_000 + ((process.pid * 1_000 + seed) % 100_000_000));
  const failures: string[] = [];
  const ways: Record<string, number> = {};
  const listening = (['unhandledRejection', 'uncaughtException', 'warning'] as const).map((name) => {
    const fail = (error: unknown): void => void failures.push(`${name}: ${error}`);
    process.on(name, fail);
    return () => process.off(name, fail);
  });
  // The first use of each kind loads what stays.
  for (let index = 0; index < 60; index += 1) await live(`warm-${index}`, mark, chance);
  await leftSince(held(mark), mark);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const before = held(mark);

  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < lives) {
      const id = `life-${next++}`;
      try {
        const way = await within(timeout, live(id, mark, chance), id);
        ways[way] = (ways[way] ?? 0) + 1;
      } catch (error) {
        failures.push(`${id}: ${error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const left = await leftSince(before, mark);
  for (const end of listening) end();
  return { left, failures, ways };
};

const within = async <T>(ms: number, work: Promise<T>, name: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} did not end`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Mulberry32: the same lives for the same seed, as far as the host's own timing lets them be. */
const chanceFrom = (seed: number): Chance => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
