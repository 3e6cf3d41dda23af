/**
 * The failures of one run of a simulation, as plain data: drawn from a seed, printed, shrunk and replayed.
 *
 * The invariant: a plan alone decides what happens. It names processes and systems by the order of their creation, so
 * that a plan with a part left out is a plan as well.
 */
import { type Random, randomFrom } from './random.js';

/** How one process differs from its script. Times are in milliseconds. */
export type ProcessFault =
  | { readonly kind: 'cannot be started'; readonly after: number }
  | { readonly kind: 'is started late'; readonly after: number }
  | { readonly kind: 'is never started' }
  | { readonly kind: 'exits'; readonly after: number; readonly status: number }
  | { readonly kind: 'is killed by the system'; readonly after: number }
  | { readonly kind: 'does not exit by itself' }
  | { readonly kind: 'ignores signals' }
  | { readonly kind: 'cannot be signalled' }
  | { readonly kind: 'is not reached by signals' }
  | { readonly kind: 'is slow to be killed'; readonly after: number }
  | { readonly kind: 'leaves its output open'; readonly after: number; readonly for: number };

/** The actions of a container by itself, in milliseconds from its start. */
export interface SystemFault {
  readonly kind: 'ends' | 'is lost' | 'is started late' | 'cannot be started';
  readonly after: number;
}

/** The failures of one run of a simulation. */
export interface SimulationPlan {
  /** For everything else that is left to chance: which of its scripts a program follows, and `random`. */
  readonly seed: number;
  /** When the orchestrator is unsubscribed from, if it has not ended by then. */
  readonly unsubscribeAt?: number | undefined;
  /** By the order of their creation; the first is that of `task`. `null`: none. */
  readonly systems: readonly (SystemFault | null)[];
  /** By the order of their creation, without the init of `task`. `null`: none. */
  readonly processes: readonly (ProcessFault | null)[];
}

/** More processes than this have no faults: what has failed so often fails once more. */
const maxFaults = 24;

export const planOf = (seed: number, duration: number): SimulationPlan => {
  const random = randomFrom(seed);
  const time = (): number => 1 + random.below(random.pick([8, 20, 2_000, 30_000]));
  // Some runs are nearly without faults: what happens late is then reached.
  const chance = random.pick([0, 0.1, 0.3, 0.6]);
  const unsubscribes = random.chance(0.6);
  return {
    seed,
    ...(unsubscribes && { unsubscribeAt: Math.min(time(), duration) }),
    systems: listOf(4, random, chance / 2, (place) => systemFault(random, time, place === 0)),
    processes: listOf(maxFaults, random, chance, () => processFault(random, time)),
  };
};

const listOf = <F>(
  length: number,
  random: Random,
  chance: number,
  fault: (place: number) => F,
): (F | null)[] => Array.from({ length }, (_, place) => (random.chance(chance) ? fault(place) : null));

const systemFault = (random: Random, time: () => number, isOfTask: boolean): SystemFault => {
  const kinds = isOfTask
    ? (['ends', 'is lost'] as const)
    : (['ends', 'is lost', 'is started late', 'cannot be started'] as const);
  // That of the task has been started before the orchestrator is.
  return { kind: random.pick(kinds), after: time() };
};

const processFault = (random: Random, time: () => number): ProcessFault => {
  const kind = random.pick([
    'cannot be started',
    'is started late',
    'is never started',
    'exits',
    'exits',
    'is killed by the system',
    'does not exit by itself',
    'ignores signals',
    'cannot be signalled',
    'is not reached by signals',
    'is slow to be killed',
    'leaves its output open',
  ] as const);
  switch (kind) {
    case 'exits':
      return { kind, after: time(), status: random.pick([0, 0, 1, 2, 125, 127]) };
    case 'cannot be started':
    case 'is started late':
    case 'is killed by the system':
    case 'is slow to be killed':
      return { kind, after: time() };
    case 'leaves its output open':
      return { kind, after: time(), for: random.pick([1, 500, 5_000, 40_000]) };
    default:
      return { kind };
  }
};
