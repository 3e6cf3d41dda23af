/** The timers and the clock of this program in virtual time, for code that is made of promises. */

interface Waiting {
  readonly at: number;
  readonly act: () => void;
}

export interface VirtualTimers {
  now(): number;
  later(ms: number, act: () => void): void;
  /** Runs what is next, up to a time; false when nothing is. What it causes at once has happened when it resolves. */
  step(until: number): Promise<boolean>;
  /** How many timers of the program wait. */
  pending(): number;
  restore(): void;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** In place of the global ones until `restore` is called. */
export const virtualTimers = (): VirtualTimers => {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, now: Date.now };
  const timers = new Map<number, Waiting>();
  let now = 0;
  let count = 0;
  const add = (ms: number, act: () => void, isOwn: boolean): number => {
    count += 1;
    // Those of the world have other numbers.
    const id = isOwn ? -count : count;
    timers.set(id, { at: now + Math.max(0, ms), act });
    return id;
  };
  Object.assign(globalThis, {
    setTimeout: (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      const id = add(Math.max(1, ms), () => act(...args), false);
      const timer = { ref: () => timer, unref: () => timer, [Symbol.toPrimitive]: () => id };
      return timer;
    },
    clearTimeout: (timer: unknown) => timers.delete(Number(timer)),
  });
  Date.now = () => now;
  return {
    now: () => now,
    later: (ms, act) => void add(ms, act, true),
    step: async (until) => {
      await settle();
      let next: readonly [number, Waiting] | undefined;
      for (const entry of timers) if (next === undefined || entry[1].at < next[1].at) next = entry;
      if (next === undefined || next[1].at > until) return false;
      timers.delete(next[0]);
      now = next[1].at;
      next[1].act();
      await settle();
      return true;
    },
    pending: () => [...timers.keys()].filter((id) => id > 0).length,
    restore: () => {
      Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
      Date.now = real.now;
    },
  };
};
