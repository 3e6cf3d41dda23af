/**
 * From a seed to a scenario. The only place that knows how likely what is; change it, and seeds mean something else,
 * which is why the corpus keeps scenarios and not seeds.
 */
import { type Random, randomFrom } from './random.js';
import {
  bounds,
  type CommandName,
  type End,
  type Misdeed,
  type Scenario,
  type SimEvent,
} from './scenario.js';

const { exitTimeout, publishTimeout, closeTimeout, endTimeout } = bounds;

export const generate = (seed: number): Scenario => {
  const random = randomFrom(seed);
  const events: SimEvent[] = [];
  const cap = random.pick([0, 10, 20, 20, 20]);
  const idle = random.chance(0.3) ? random.pick([2, 5, 10]) : undefined;
  const bytes = random.chance(0.06);
  // Some worlds are about the making and the removing of a container, and little else.
  const bare = !bytes && random.chance(0.08);
  const execs = bytes ? 1 + random.below(4) : bare ? 1 : random.pick([1, 2, 3, 4, 8, 24, 32, 48]);
  const horizon = random.pick([5, 20, 100, 300]);
  const system = bare || random.chance(0.35) ? random.pick(['holds', 'holds', 'leaves'] as const) : undefined;
  const givesUp = random.chance(bare ? 0.3 : 0.03) ? time(random, horizon) : undefined;
  // Half of the worlds have no faults at all: orders of events alone find enough, and are easier to read.
  const faulty = random.chance(0.5);
  for (let exec = 0; exec < execs; exec += 1) {
    const from = exec === 0 ? 0 : random.chance(0.1) ? 0 : 1 + time(random, horizon);
    if (exec > 0) command(events, exec, from, 'add', random.chance(0.2) ? 1 : 0);
    if (random.chance(0.95)) {
      const at = from + random.pick(exec === 0 ? [0, 0, 0, 0, 1] : [0, 0, 0, 1, 2]);
      command(events, exec, at, 'start', 0, impatience(random));
    }
    life(events, random, exec, cap);
    for (let more = random.pick(exec === 0 ? [0, 0, 0, 1, 2] : [0, 0, 0, 1, 1, 2]); more > 0; more -= 1) {
      const name = random.pick(commandsOf(exec));
      // What ends the init ends all: more often than not the others have their time before.
      const at = exec === 0 && random.chance(0.6) ? horizon : from + time(random, horizon);
      command(events, exec, at, name, valueFor(random, name), impatience(random));
    }
    if (random.chance(0.04)) events.push({ kind: 'crash', at: from + time(random, horizon), exec });
    if (random.chance(0.1)) events.push({ kind: 'terminal', exec });
    if (bytes) stdio(events, random, exec);
    if (random.chance(0.05))
      command(events, exec, asItRuns, random.pick(['kill', 'forceExit', 'closeIo']), 9);
    if (random.chance(0.02)) crowd(events, random, exec, from);
    if (faulty && random.chance(6 / execs)) faults(events, random, exec, callsOf(exec, system));
  }
  if (bare) {
    for (let more = random.below(4); more > 0; more -= 1) faults(events, random, 0, aroundContainer);
    for (let more = random.below(3); more > 0; more -= 1)
      command(events, 0, time(random, horizon), 'delete', 0, impatience(random));
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
  return {
    seed,
    bytes,
    ties: 1 + random.below(2 ** 30),
    healAt: 10 + horizon + random.pick([0, 50, 400]) + away,
    drain: idle === undefined ? { cap } : { cap, idle },
    ...(system && { system }),
    ...(givesUp !== undefined && { givesUp }),
    events,
  };
};

const command = (
  events: SimEvent[],
  exec: number,
  at: number,
  name: CommandName,
  value: number,
  givesUp?: number,
): void => {
  if (givesUp === undefined) events.push({ kind: 'command', at, exec, name, value });
  else events.push({ kind: 'command', at, exec, name, value, givesUp });
};

/** Most wait for as long as it takes. */
const impatience = (random: Random): number | undefined =>
  random.chance(0.1) ? random.pick([0, 0, 1, 5, exitTimeout]) : undefined;

const awayFor = (exec: number, call: string): SimEvent => ({
  kind: 'fault',
  exec,
  call,
  does: 'fails',
  ms: 0,
  times: 99,
});

/** In the place of a time: the instant at which its process is told of. */
const asItRuns = -1;

/** Several who want it ended, an engine that does not answer, and a process that does not hear. */
const crowd = (events: SimEvent[], random: Random, exec: number, from: number): void => {
  for (let more = 2 + random.below(3); more > 0; more -= 1)
    command(events, exec, from + random.below(10), 'kill', random.pick([9, 15]));
  command(events, exec, from + 10 + random.below(10), 'forceExit', 42);
  events.push({ kind: 'deaf', exec, to: 'all' });
  events.push({
    kind: 'fault',
    exec,
    call: 'process.signal',
    does: random.pick(['hangs', 'mute']),
    ms: 0,
    times: 99,
  });
};

const usualCommands: readonly CommandName[] = [
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
const initCommands: readonly CommandName[] = [...usualCommands, 'killAll', 'pids'];
const commandsOf = (exec: number): readonly CommandName[] =>
  exec === 0 ? initCommands : [...usualCommands, 'add'];

const valueFor = (random: Random, name: CommandName): number => {
  switch (name) {
    case 'kill':
    case 'killAll':
      return random.pick([9, 9, 15, 15, 1, 99]);
    case 'forceExit':
      return random.pick([0, 1, 137, 4294967295]);
    case 'stop':
      return random.pick([0, 5, 20]);
    default:
      return 0;
  }
};

/** Early more often than late, and often on the instant of a bound. */
const time = (random: Random, horizon: number): number =>
  random.chance(0.7)
    ? random.below(8)
    : random.chance(0.5)
      ? random.below(horizon)
      : random.pick([10, 20, closeTimeout, publishTimeout, exitTimeout, endTimeout]) +
        random.pick([-1, 0, 0, 1]);

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

const life = (events: SimEvent[], random: Random, exec: number, cap: number): void => {
  const lasts = random.chance(exec === 0 ? 0.2 : 0.8) ? random.pick([0, 0, 1, 2, 3, 5, 8, exitTimeout]) : -1;
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
    sink: random.pick(['quick', 'quick', 'slow', 'slow', 'stalls', 'breaks']),
    ms: random.pick([0, 1, 4, 10, 19, 20]),
    stdin: random.pick(['none', 'none', 'open', 'ends', 'stuck']),
  });
};

const misdeeds: readonly Misdeed[] = [
  'late',
  'slow',
  'hangs',
  'mute',
  'fails',
  'lies',
  'throws',
  'twice',
  'empty',
];
const ofSignals: readonly Misdeed[] = [
  ...misdeeds,
  'notDelivered',
  'notDelivered',
  'stopped',
  'stopped',
  'junk',
];

/** The calls that can go wrong, and how. What is listed twice goes wrong twice as often. */
const calls: readonly (readonly [string, readonly Misdeed[]])[] = [
  ['process.signal', ofSignals],
  ['process.signal', ofSignals],
  ['process.kill', ofSignals],
  ['process.kill', ofSignals],
  ['process.close', misdeeds],
  ['process.resizeConsole', misdeeds],
  ['process.closeStdin', misdeeds],
  ['container.createProcess', [...misdeeds, 'junk', 'refuses']],
  ['container.createProcess', [...misdeeds, 'junk', 'refuses']],
  ['publish start', ['late', 'slow', 'hangs', 'fails', 'lies', 'throws', 'twice']],
  ['publish start', ['fails', 'hangs', 'late']],
  ['publish exit', ['late', 'hangs', 'fails', 'lies', 'throws']],
  ['publish exit', ['hangs', 'fails']],
  ['publish other', ['late', 'hangs', 'fails', 'lies', 'throws']],
  ['relay.cut', ['throws']],
  ['relay.start', ['throws']],
];
const initCalls: typeof calls = [
  ...calls,
  ['container.start', misdeeds],
  ['container.shutdown', misdeeds],
  ['container.terminate', misdeeds],
  ['container.close', misdeeds],
];
const callsOfLeaving: typeof calls = [...initCalls, ['container.delete', misdeeds]];
const callsOfHolding: typeof calls = [...callsOfLeaving, ['container.create', [...misdeeds, 'junk']]];

const aroundContainer: typeof calls = [
  ...callsOfHolding.filter(([call]) => call.startsWith('container.')),
  ['publish other', ['late', 'hangs', 'fails', 'throws']],
];

const callsOf = (exec: number, system: Scenario['system']): typeof calls => {
  if (exec > 0) return calls;
  return system === 'holds' ? callsOfHolding : system === 'leaves' ? callsOfLeaving : initCalls;
};

const faults = (events: SimEvent[], random: Random, exec: number, among: typeof calls): void => {
  for (let more = random.pick([0, 1, 1, 2, 3]); more > 0; more -= 1) {
    const [call, can] = random.pick(among);
    events.push({
      kind: 'fault',
      exec,
      call,
      does: random.pick(can),
      ms: random.pick([
        0,
        1,
        2,
        5,
        closeTimeout - 1,
        closeTimeout,
        publishTimeout,
        exitTimeout,
        exitTimeout + 1,
        200,
      ]),
      times: random.pick([1, 1, 2, 99]),
    });
  }
};
