/** What the parts of the generator share: chance, and the bounds of the world that is being made. */
import type { Random } from '../../src/testing/simulate/random.js';
import type { Bounds, CommandName, SimEvent } from './scenario.js';

export interface Dice extends Random {
  readonly bounds: Bounds;
}

/** Early more often than late, and often on the instant of a bound. */
export const time = (random: Dice, horizon: number): number =>
  random.chance(0.7)
    ? random.below(8)
    : random.chance(0.5)
      ? random.below(horizon)
      : random.pick([10, 20, ...Object.values(random.bounds)]) + random.pick([-1, 0, 0, 1]);

/** An instant just before, at, or just after a bound. */
export const around = (random: Random, bound: number): number =>
  Math.max(0, bound + random.pick([-1, 0, 0, 1]));

export const command = (
  events: SimEvent[],
  exec: number,
  at: number,
  name: CommandName,
  value: number,
  unsubscribesAt?: number,
): void => {
  if (unsubscribesAt === undefined) events.push({ kind: 'command', at, exec, name, value });
  else events.push({ kind: 'command', at, exec, name, value, unsubscribesAt });
};
