/** Which calls go wrong in a world, and how. */
import type { Dice } from './dice.js';
import type { Misdeed, Scenario, SimEvent } from './scenario.js';

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

export type Calls = readonly (readonly [string, readonly Misdeed[]])[];

/** The calls that can go wrong, and how. What is listed twice goes wrong twice as often. */
const calls: Calls = [
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
const initCalls: Calls = [
  ...calls,
  ['container.start', misdeeds],
  ['container.shutdown', misdeeds],
  ['container.terminate', misdeeds],
  ['container.close', misdeeds],
];
const callsOfLeaving: Calls = [...initCalls, ['container.delete', misdeeds]];
const callsOfHolding: Calls = [...callsOfLeaving, ['container.create', [...misdeeds, 'junk']]];

export const aroundContainer: Calls = [
  ...callsOfHolding.filter(([call]) => call.startsWith('container.')),
  ['publish other', ['late', 'hangs', 'fails', 'throws']],
];

export const callsOf = (exec: number, system: Scenario['system']): Calls => {
  if (exec > 0) return calls;
  return system === 'holds' ? callsOfHolding : system === 'leaves' ? callsOfLeaving : initCalls;
};

export const faults = (events: SimEvent[], random: Dice, exec: number, among: Calls): void => {
  const { closeTimeout, publishTimeout, exitTimeout } = random.bounds;
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
