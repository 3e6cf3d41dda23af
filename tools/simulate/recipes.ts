/** What chance alone would hardly ever put together: short sequences of events that an exec may get besides its own. */
import { around, command, type Dice } from './dice.js';
import type { SimEvent } from './scenario.js';

/** A publisher that does not take some events of an exec for as long as there are faults. */
export const awayFor = (exec: number, call: string): SimEvent => ({
  kind: 'fault',
  exec,
  call,
  does: 'fails',
  ms: 0,
  times: 99,
});

/** Several who want it ended, an engine that does not answer, and a process that does not hear. */
export const crowd = (events: SimEvent[], random: Dice, exec: number, from: number): void => {
  for (let more = 2 + random.below(3); more > 0; more -= 1)
    command(events, exec, from + random.below(10), 'kill', random.pick([9, 15, 1, 2, 10, 12]));
  if (random.chance(0.5)) command(events, exec, from + 10 + random.below(10), 'forceExit', 42);
  events.push({ kind: 'deaf', exec, to: 'all' });
  const does = random.pick(['hangs', 'mute'] as const);
  events.push({ kind: 'fault', exec, call: 'process.signal', does, ms: 0, times: 99 });
};

/** A start that is cancelled at about the time at which its process is returned, or its event is published. */
export const lateStart = (events: SimEvent[], random: Dice, exec: number, from: number): void => {
  const ms = around(random, random.bounds.exitTimeout);
  const call = random.pick(['container.createProcess', 'publish start']);
  const does = random.pick(['late', 'slow', 'hangs'] as const);
  events.push({ kind: 'fault', exec, call, does: call === 'publish start' ? 'late' : does, ms, times: 1 });
  const name = random.pick(['forceExit', 'forceExit', 'stop'] as const);
  command(events, exec, from + random.below(4), name, name === 'forceExit' ? 42 : 0);
};

/** A container that ignores the first shutdown and the first termination. */
export const stubborn = (events: SimEvent[], random: Dice): void => {
  for (const call of ['container.shutdown', 'container.terminate']) {
    const does = random.pick(['hangs', 'fails'] as const);
    events.push({ kind: 'fault', exec: 0, call, does, ms: 0, times: 1 });
  }
};
