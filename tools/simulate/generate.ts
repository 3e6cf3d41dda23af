/**
 * From a seed to a scenario. The only place that knows how likely what is; change it, and seeds mean something else,
 * which is why the corpus keeps scenarios and not seeds.
 */

import { type Random, randomFrom } from '../../src/testing/simulate/random.js';
import { around, command, type Dice, time } from './dice.js';
import { aroundContainer, callsOf, faults } from './pick-faults.js';
import { awayFor, crowd, lateStart, stubborn } from './recipes.js';
import {
  type Bounds,
  type CommandName,
  defaultBounds,
  type End,
  type Lags,
  type Scenario,
  type SimEvent,
} from './scenario.js';

/** Which of two bounds is the longer one matters, and so does how many of one fit into another. */
const otherBounds: readonly Bounds[] = [
  { exitTimeout: 30, publishTimeout: 30, closeTimeout: 90, endTimeout: 180 },
  { exitTimeout: 10, publishTimeout: 80, closeTimeout: 20, endTimeout: 15 },
  { exitTimeout: 90, publishTimeout: 10, closeTimeout: 10, endTimeout: 5 },
];

export const generate = (seed: number): Scenario => {
  const chance = randomFrom(seed);
  const bounds = chance.chance(0.6) ? defaultBounds : chance.pick(otherBounds);
  // Not by a spread: that makes every throw of the dice slow.
  const random: Dice = { below: chance.below, chance: chance.chance, pick: chance.pick, bounds };
  const lags = random.chance(0.5) ? lagsFor(random) : undefined;
  const events: SimEvent[] = [];
  const cap = random.pick([0, 10, 20, 20, 20]);
  const idle = random.chance(0.3) ? random.pick([2, 5, 10]) : undefined;
  const bytes = random.chance(0.08);
  // Some worlds are about the making and the removing of a container, and little else.
  const bare = !bytes && random.chance(0.08);
  const execs = bytes ? 1 + random.below(4) : bare ? 1 : random.pick([1, 2, 3, 4, 8, 24, 32, 48]);
  const horizon = random.pick([5, 20, 100, 300]);
  const system = bare || random.chance(0.35) ? random.pick(['holds', 'holds', 'leaves'] as const) : undefined;
  const unsubscribesAt = random.chance(bare ? 0.3 : 0.03) ? time(random, horizon) : undefined;
  // Half of the worlds have no faults at all: orders of events alone find enough, and are easier to read.
  const faulty = random.chance(0.5);
  for (let exec = 0; exec < execs; exec += 1) {
    const from = exec === 0 ? 0 : random.chance(0.1) ? 0 : 1 + time(random, horizon);
    if (exec > 0) command(events, exec, from, 'add', random.chance(0.2) ? 1 : 0);
    if (random.chance(0.95)) {
      const at = from + random.pick(exec === 0 ? [0, 0, 0, 0, 1] : [0, 0, 0, 1, 2]);
      command(events, exec, at, 'start', 0, unsubscribeTime(random));
    }
    life(events, random, exec, cap);
    for (let more = random.pick(exec === 0 ? [0, 0, 0, 1, 2] : [0, 0, 0, 1, 1, 2]); more > 0; more -= 1) {
      const name = random.pick(commandsOf(exec));
      // What ends the init ends all: more often than not the others have their time before.
      const at = exec === 0 && random.chance(0.6) ? horizon : from + time(random, horizon);
      command(events, exec, at, name, valueFor(random, name), unsubscribeTime(random));
    }
    if (random.chance(0.04)) events.push({ kind: 'crash', at: from + time(random, horizon), exec });
    if (random.chance(0.1)) events.push({ kind: 'terminal', exec });
    if (bytes) stdio(events, random, exec);
    if (random.chance(0.05))
      command(events, exec, asItRuns, random.pick(['kill', 'forceExit', 'closeIo']), 9);
    if (random.chance(0.02)) crowd(events, random, exec, from);
    if (faulty && random.chance(0.02)) lateStart(events, random, exec, from);
    if (faulty && random.chance(6 / execs)) faults(events, random, exec, callsOf(exec, system));
  }
  if (bare) {
    if (random.chance(0.1)) stubborn(events, random);
    for (let more = random.below(4); more > 0; more -= 1) faults(events, random, 0, aroundContainer);
    for (let more = random.below(3); more > 0; more -= 1)
      command(events, 0, time(random, horizon), 'delete', 0, unsubscribeTime(random));
  }
  // A publisher that is away for long: pauses between attempts grow, and have to stop growing.
  const away = faulty && random.chance(0.03) ? random.pick([8_000, 30_000]) : 0;
  if (away > 0)
    for (let exec = 0; exec < execs; exec += 1)
      if (random.chance(0.5)) events.push(awayFor(exec, random.pick(['publish exit', 'publish other'])));
  if (random.chance(faulty ? 0.2 : 0.05)) {
    events.push({
      kind: 'gone',
      at: time(random, horizon),
      how: random.pick(['ended', 'ended', 'lost', 'error', 'silent']),
      orphans: random.chance(0.3),
    });
  }
  const scenario: Scenario = {
    seed,
    bytes,
    ties: 1 + random.below(2 ** 30),
    healAt: 10 + horizon + random.pick([0, 50, 400]) + away,
    drain: idle === undefined ? { cap } : { cap, idle },
    ...(system && { system }),
    ...(unsubscribesAt !== undefined && { unsubscribesAt }),
    ...(bounds !== defaultBounds && { bounds }),
    ...(lags !== undefined && { lags }),
    ...(random.chance(0.1) && { background: true }),
    ...(random.chance(0.1) && { listens: true }),
    events: withTrees(events, execs, seed, bounds),
  };
  // A reader that is slow is slower than none of these.
  if (!bytes || random.chance(0.3)) return scenario;
  return { ...scenario, drain: { ...scenario.drain, stall: random.pick([21, 30, 60]) } };
};

/** By dice of their own, so that the rest of a world is the same with and without them. */
const withTrees = (events: readonly SimEvent[], execs: number, seed: number, bounds: Bounds): SimEvent[] => {
  const random = randomFrom(seed + 0x7ee5);
  const trees = Array.from({ length: execs }, (_, exec): SimEvent[] => {
    if (!random.chance(0.3)) return [];
    const lasts = random.pick([-1, -1, 0, 3, 8, 20, 60, bounds.exitTimeout]);
    return [{ kind: 'tree', exec, lasts, deaf: random.chance(0.3) }];
  });
  const given = events.map((event) => {
    if (event.kind !== 'command' || (event.name !== 'stop' && event.name !== 'kill')) return event;
    if (!random.chance(0.2)) return event;
    return { ...event, name: event.name === 'stop' ? ('stopLeader' as const) : ('killTree' as const) };
  });
  return [...given, ...trees.flat()];
};

/** Half of the worlds are quick: what is asked for is true at once. */
const lagsFor = (random: Dice): Lags => {
  const { exitTimeout, endTimeout } = random.bounds;
  return {
    shutdown: random.pick([0, 1, 20, around(random, endTimeout), -1]),
    terminate: random.pick([0, 1, 20, around(random, endTimeout)]),
    dying: random.pick([0, 0, 1, 3, 20, around(random, exitTimeout)]),
    exitReport: random.pick([0, 0, 1, 5, around(random, exitTimeout)]),
    withInit: random.pick([-1, 0, 1, 5]),
  };
};

/** Most wait for as long as it takes. */
const unsubscribeTime = (random: Dice): number | undefined =>
  random.chance(0.1) ? random.pick([0, 0, 1, 5, random.bounds.exitTimeout]) : undefined;

/** Instead of a time: the instant at which its process is reported. */
const asItRuns = -1;

const defaultCommands: readonly CommandName[] = [
  'start',
  'kill',
  'kill',
  'kill',
  'forceExit',
  'forceExit',
  'stop',
  'resize',
  'closeIo',
  'wait',
  'delete',
];
const initCommands: readonly CommandName[] = [...defaultCommands, 'killAll', 'pids'];
const commandsOf = (exec: number): readonly CommandName[] =>
  exec === 0 ? initCommands : [...defaultCommands, 'add'];

const valueFor = (random: Random, name: CommandName): number => {
  switch (name) {
    case 'kill':
    case 'killAll':
      return random.pick([9, 9, 15, 15, 1, 99]);
    case 'forceExit':
      return random.pick([0, 1, 137, 4294967295]);
    case 'stop':
      return random.pick([0, 5, 20, 60]);
    default:
      return 0;
  }
};

const ends: readonly End[] = [
  { kind: 'code', code: 0 },
  { kind: 'code', code: 0 },
  { kind: 'code', code: 3 },
  { kind: 'code', code: 255 },
  { kind: 'code', code: 4294967295 },
  { kind: 'code', code: -1 },
  { kind: 'signal', signal: 15 },
  { kind: 'signal', signal: 34 },
  { kind: 'error' },
  { kind: 'silent' },
  { kind: 'twice', code: 5 },
  { kind: 'never' },
];

const life = (events: SimEvent[], random: Dice, exec: number, cap: number): void => {
  const lasts = random.chance(exec === 0 ? 0.2 : 0.8)
    ? random.pick([0, 0, 1, 2, 3, 5, 8, random.bounds.exitTimeout])
    : -1;
  const holds = random.chance(0.6) ? 0 : random.pick([1, 3, cap - 1, cap, cap + 1, 100, -1]);
  events.push({
    kind: 'life',
    exec,
    lasts,
    end: random.chance(0.8) ? { kind: 'code', code: random.below(4) } : random.pick(ends),
    holds: Math.max(holds, -1),
    flows: random.chance(0.5),
  });
  if (random.chance(0.15)) events.push({ kind: 'deaf', exec, to: random.pick(['term', 'term', 'all']) });
};

const stdio = (events: SimEvent[], random: Random, exec: number): void => {
  if (random.chance(0.2)) return;
  events.push({
    kind: 'stdio',
    exec,
    chunks: random.below(6),
    every: random.pick([0, 0, 1, 3, 10]),
    sink: random.pick(['quick', 'slow', 'slow', 'loop', 'loop', 'stalls', 'breaks']),
    ms: random.pick([0, 1, 4, 10, 19, 20]),
    stdin: random.pick(['none', 'none', 'open', 'ends', 'stuck', 'breaks']),
  });
};
