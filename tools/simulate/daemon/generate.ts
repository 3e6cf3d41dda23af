/** From a seed to a scenario of the daemon. The only place that knows how likely what is. */
import { type Random, randomFrom } from '../../../src/testing/simulate/random.js';
import type { Lags, Misdeed, SimEvent } from '../scenario.js';
import type {
  BelowEvent,
  CallName,
  ContainerEvent,
  Cut,
  DaemonEvent,
  DaemonScenario,
  EventMisdeed,
  Manner,
} from './scenario.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long a world lasts before its faults end: mostly seconds, sometimes days. */
const horizons = [second, second, 10 * second, 10 * second, minute, 3 * minute, 10 * minute] as const;
const longHorizons = [hour, hour, hour, 6 * hour, day, 3 * day] as const;

interface Dice extends Random {
  readonly horizon: number;
  readonly faulty: boolean;
}

export const generate = (seed: number): DaemonScenario => {
  const chance = randomFrom(seed);
  const horizon = chance.chance(0.04) ? chance.pick(longHorizons) : chance.pick(horizons);
  const faulty = chance.chance(0.6);
  const random: Dice = { below: chance.below, chance: chance.chance, pick: chance.pick, horizon, faulty };
  const events: DaemonEvent[] = [];
  const containers = random.pick([1, 1, 1, 2, 2, 3, 4, 6]);
  for (let c = 0; c < containers; c += 1) container(events, random, c);
  if (faulty && random.chance(0.25))
    events.push({
      kind: 'restart',
      at: instant(random),
      away: random.pick([0, 100, second, 7 * second, minute]),
    });
  if (faulty && containers > 1 && random.chance(0.1)) stuckNeighbour(events, random);
  if (random.chance(0.02)) events.push({ kind: 'stop', at: instant(random) });
  return {
    seed,
    ties: 1 + random.below(2 ** 30),
    healAt: horizon + random.pick([0, second, minute]),
    linger: random.pick([0, 0, 0, second, 10 * second]),
    version: random.pick([2, 3]),
    events,
  };
};

/** Early more often than late. */
const instant = (random: Dice): number =>
  random.chance(0.5) ? random.below(Math.min(random.horizon, 200)) : random.below(random.horizon);

const cutOf = (random: Dice): Cut => ({
  when: random.pick(['before', 'half', 'during', 'during', 'during', 'after']),
  ms: random.pick([0, 0, 1, 5, 20, 200, 5 * second]),
});

const deadlines = [0, 0, 100, 5 * second, 10 * second, 2 * minute] as const;

const manner = (random: Dice, likely = 0.15): Manner => ({
  deadline: random.pick(deadlines),
  ...(random.faulty && random.chance(likely) && { cut: cutOf(random) }),
  repeats: random.pick([0, 1, 1, 3]),
});

/** A create without a deadline could wait for ever for a runtime that hangs. */
const creation = (random: Dice): Manner => ({
  ...manner(random, 0.08),
  deadline: random.pick([second, 10 * second, 2 * minute, 4 * minute]),
  repeats: 0,
});

const lifetime = (random: Dice): number =>
  random.chance(0.3)
    ? -1
    : random.chance(0.6)
      ? random.pick([0, 1, 5, 20, 100, second])
      : random.below(random.horizon);

const container = (events: DaemonEvent[], random: Dice, c: number): void => {
  const at = c === 0 ? 0 : random.chance(0.5) ? instant(random) : random.pick([0, 1, 5, 61 * second]);
  const lags = random.chance(0.4) ? lagsOf(random) : undefined;
  const made: ContainerEvent = {
    kind: 'container',
    c,
    at,
    createAfter: random.pick([0, 0, 1, 20, second, 30 * second]),
    create: creation(random),
    startAfter: random.chance(0.04) ? -1 : random.pick([0, 0, 1, 20, second]),
    start: manner(random, 0.08),
    deleteAfter: random.chance(0.15) ? -1 : random.pick([0, 0, 1, 20, second, 2 * minute]),
    delete: { ...manner(random, 0.3), repeats: random.pick([0, 1, 3, 10]) },
    shutdown: random.chance(0.8),
    lives: random.chance(0.15) ? 2 : 1,
    ...(lags && { lags }),
  };
  events.push(made);
  below(events, c, life(random, 0));
  if (random.chance(0.1))
    below(events, c, { kind: 'deaf', exec: 0, to: random.pick(['term', 'term', 'all']) });
  const faulty = random.faulty && random.chance(0.5);
  if (faulty) {
    for (let more = random.pick([0, 1, 1, 2]); more > 0; more -= 1) fault(events, random, c, 0);
    if (random.chance(0.3)) eventFault(events, random, c);
    if (random.chance(0.1)) below(events, c, { kind: 'crash', at: instant(random), exec: 0 });
    if (random.chance(0.05))
      below(events, c, {
        kind: 'gone',
        at: instant(random),
        how: random.pick(['ended', 'lost', 'error', 'silent']),
        orphans: random.chance(0.3),
      });
  }
  if (random.faulty && random.chance(0.06)) events.push({ kind: 'vanish', at: instant(random), c });
  if (random.faulty && random.chance(0.1)) events.push({ kind: 'cut', at: instant(random), c });
  const from = at + made.createAfter;
  for (let exec = 1; exec <= random.pick([0, 0, 1, 2, 3]); exec += 1) {
    const when =
      from + Math.max(0, made.startAfter) + random.pick([0, 1, 20, second, random.below(random.horizon)]);
    call(events, random, c, exec, 'exec', when);
    if (random.chance(0.9)) call(events, random, c, exec, 'start', when + random.pick([0, 0, 1, 5]));
    if (random.chance(0.7)) call(events, random, c, exec, 'wait', when + random.pick([0, 1, 5]));
    if (random.chance(0.7))
      call(events, random, c, exec, 'delete', when + random.pick([1, 20, second, minute]));
    below(events, c, life(random, exec));
    if (random.chance(0.1)) below(events, c, { kind: 'deaf', exec, to: random.pick(['term', 'all']) });
    if (faulty && random.chance(0.4)) fault(events, random, c, exec);
  }
  // Somebody ends it, before it ends by itself or instead.
  if (random.chance(0.6))
    call(
      events,
      random,
      c,
      0,
      random.pick(['kill', 'kill', 'killAll']),
      from + instant(random),
      random.pick([9, 15]),
    );
  for (let more = random.below(8); more > 0; more -= 1) {
    const name = random.pick(others);
    const exec = ofProcesses.has(name) ? random.pick([0, 0, 0, 1]) : 0;
    call(events, random, c, exec, name, from + instant(random), random.pick([9, 15, 1]));
  }
  // Two who delete the same at the same time.
  if (random.chance(0.1)) {
    const at = from + instant(random);
    call(events, random, c, 0, 'kill', at, 9);
    for (let more = 2; more > 0; more -= 1)
      call(events, random, c, 0, 'delete', at + random.pick([0, 1, 20]));
  }
  // A kubelet asks again and again.
  if (random.chance(0.3)) {
    const every = random.pick([second, 10 * second]);
    for (let probe = 1 + random.below(10); probe > 0; probe -= 1)
      call(events, random, c, 0, random.pick(['state', 'stats', 'pids']), from + probe * every);
  }
};

const others: readonly CallName[] = [
  'state',
  'state',
  'state',
  'create',
  'start',
  'delete',
  'pids',
  'pause',
  'pause',
  'resume',
  'resume',
  'checkpoint',
  'kill',
  'kill',
  'killAll',
  'resizePty',
  'closeIO',
  'update',
  'wait',
  'stats',
  'connect',
  'shutdown',
];

/** What names a process, not only a container. */
const ofProcesses: ReadonlySet<CallName> = new Set([
  'state',
  'start',
  'delete',
  'kill',
  'wait',
  'closeIO',
  'resizePty',
]);

const call = (
  events: DaemonEvent[],
  random: Dice,
  c: number,
  exec: number,
  name: CallName,
  at: number,
  value = 0,
): void => {
  const how = name === 'create' ? creation(random) : manner(random);
  events.push({ kind: 'call', at, c, exec, name, value, manner: how });
};

const below = (events: DaemonEvent[], c: number, event: BelowEvent['event']): void => {
  events.push({ kind: 'below', c, event });
};

const life = (random: Dice, exec: number): Extract<SimEvent, { kind: 'life' }> => ({
  kind: 'life',
  exec,
  lasts: lifetime(random),
  end: { kind: 'code', code: random.below(4) },
  holds: 0,
  flows: false,
});

const lagsOf = (random: Dice): Lags => ({
  shutdown: random.pick([0, 1, 20]),
  terminate: random.pick([0, 1, 20]),
  dying: random.pick([0, 0, 1, 20]),
  exitReport: 0,
  withInit: random.pick([0, 0, 1, 5]),
});

const misdeeds: readonly Misdeed[] = [
  'late',
  'late',
  'slow',
  'slow',
  'hangs',
  'mute',
  'fails',
  'lies',
  'throws',
];
const initCalls = [
  'container.create',
  'container.create',
  'container.start',
  'container.delete',
  'container.delete',
  'container.delete',
  'container.pause',
  'container.resume',
  'container.update',
  'container.signalAll',
  'container.pids',
  'container.checkpoint',
  'container.shutdown',
  'container.close',
  'process.signal',
  'process.close',
] as const;
const execCalls = [
  'container.createProcess',
  'container.createProcess',
  'process.signal',
  'process.close',
] as const;

/** A runtime that takes its time, as umount and a busy disk make it, or that does not answer at all. */
const fault = (events: DaemonEvent[], random: Dice, c: number, exec: number): void =>
  below(events, c, {
    kind: 'fault',
    exec,
    call: random.pick(exec === 0 ? initCalls : execCalls),
    does: random.pick(misdeeds),
    ms: random.pick([0, 1, 20, 500, 5 * second, 15 * second, 45 * second, 5 * minute]),
    times: random.pick([1, 1, 2, 99]),
  });

/** One container whose runtime does not answer, and another that is asked for the same meanwhile. */
const stuckNeighbour = (events: DaemonEvent[], random: Dice): void => {
  const name = random.pick(['pause', 'update', 'checkpoint', 'delete'] as const);
  below(events, 0, { kind: 'fault', exec: 0, call: `container.${name}`, does: 'hangs', ms: 0, times: 99 });
  const at = 2 * second + instant(random);
  for (const c of [0, 1]) call(events, random, c, 0, random.pick([name, 'update']), at + c);
};

const eventTypes = ['any', 'TaskCreate', 'TaskStart', 'TaskExit', 'TaskExit', 'TaskDelete'] as const;
const eventMisdeeds: readonly EventMisdeed[] = ['refuses', 'refuses', 'hangs', 'late', 'loses'];

const eventFault = (events: DaemonEvent[], random: Dice, c: number): void => {
  events.push({
    kind: 'event',
    c,
    type: random.pick(eventTypes),
    does: random.pick(eventMisdeeds),
    ms: random.pick([1, 100, second, 4 * second]),
    times: random.pick([1, 1, 2, 99]),
  });
};
