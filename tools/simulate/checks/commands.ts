/** What users command: answered once, and truly. */
import type { CommandLog, ExecLog, RunLog } from '../run-log.js';
import { type Check, eachExec, phaseAt } from './check-of.js';

const isKill = ({ command }: CommandLog): boolean => command.name === 'kill';
const isSignal = (call: string): boolean => call === 'process.signal' || call === 'process.kill';

export const everyCommandAnswered: Check = eachExec(({ commands }, { over }) => {
  const odd = commands.find(
    ({ answers, unsubscribed }) => answers.length > 1 || (over && !unsubscribed && answers.length === 0),
  );
  return odd && `${odd.command.name} at ${odd.command.at} ms was answered ${odd.answers.length} times`;
});

export const killIsTrue: Check = eachExec(({ commands, asked, exit, released, states }, { bounds }) => {
  const running = states.find(({ phase }) => phase === 'running');
  for (const { command, answers } of commands.filter(isKill)) {
    const [answer] = answers;
    if (answer === undefined) continue;
    // It waits for a start and for the commands before it, each within its bound, and then it is its turn.
    const turn =
      Math.max(command.at, running?.at ?? Infinity) + (bounds?.exitTimeout ?? Infinity) * commands.length;
    const reached = asked.some(
      ({ call, place, at }) => isSignal(call) && place > command.place && place < answer.place && at <= turn,
    );
    const over = exit !== undefined && exit.place < answer.place && exit.at <= turn;
    if (answer.how === 'done' && !reached && !over)
      return `kill at ${command.at} ms reached no process by ${turn} ms`;
    if (
      exit !== undefined &&
      exit.place < command.place &&
      answer.how !== 'notFound' &&
      released !== undefined
    )
      return `kill at ${command.at} ms, after the exit, was answered ${answer.how}`;
  }
  return undefined;
});

export const deliveryIsTrue: Check = ({ execs, background }) => {
  // There it counts as delivered before it is.
  if (background === true) return undefined;
  for (const exec of execs) {
    for (const { place, how, call } of exec.answered) {
      const due = how === 'notDelivered' ? 'notFound' : how === 'stopped' ? 'done' : undefined;
      // A container that goes has its processes killed besides; a kill by command sends a signal.
      if (due === undefined || call !== 'process.signal') continue;
      const open = exec.commands.filter(
        ({ command, answers }) => command.place < place && (answers[0]?.place ?? Infinity) > place,
      );
      // With other commands in flight the sender of the signal is unknown.
      const [only] = open;
      if (open.length !== 1 || only === undefined || !isKill(only) || only.command.value > 64) continue;
      const [answer] = only.answers;
      if (answer?.place === place + 1 && answer.how !== due)
        return `${exec.id}: the engine said ${how}, the kill ${answer.how}`;
    }
  }
  return undefined;
};

export const closingInputNeverWaits: Check = eachExec(({ commands }, { bounds }) => {
  if (bounds === undefined) return undefined;
  const late = commands.find(
    ({ command, answers: [answer] }) =>
      command.name === 'closeIo' && answer !== undefined && answer.at !== command.at,
  );
  return late && `asked at ${late.command.at} ms, answered at ${late.answers[0]?.at}`;
});

const busy = new Set(['starting', 'announcing', 'running', 'aborting']);

export const runningIsNotDeleted: Check = eachExec(({ commands, states }) => {
  for (const { command, answers } of commands) {
    if (command.name !== 'delete') continue;
    const phase = phaseAt({ states }, command.place);
    const [answer] = answers;
    if (!busy.has(phase ?? '') || answer === undefined) continue;
    if (answer.how !== 'failedPrecondition' || answer.at !== command.at)
      return `it was deleted at ${command.at} ms, ${phase}, which was answered ${answer.how} at ${answer.at} ms`;
  }
  return undefined;
});

/** What may send signals to an exec, or end it: whatever else happens to it then may be because of these. */
const enders = new Set([
  'kill',
  'killAll',
  'killTree',
  'stop',
  'stopLeader',
  'forceExit',
  'delete',
  'dispose',
]);
const endersOf = ({ commands, isInit }: ExecLog, { init }: RunLog): CommandLog[] =>
  [...commands, ...(isInit ? [] : (init?.commands ?? []))].filter(({ command }) => enders.has(command.name));

const isStop = (name: string): boolean => name === 'stop' || name === 'stopLeader';

const highest = 64;
const term = 15;

export const signalsAsAsked: Check = eachExec((exec, log) => {
  // What users of real lives commanded is not recorded.
  if (log.bounds === undefined || !exec.asked.some(({ call }) => call === 'process.signal')) return undefined;
  const commands = endersOf(exec, log);
  for (const { call, signal, place, at } of exec.asked) {
    if (call !== 'process.signal') continue;
    const asked = commands.some(
      ({ command }) =>
        command.place < place &&
        (isStop(command.name) ? signal === term : command.name !== 'forceExit' && command.value === signal),
    );
    if (!asked) return `signal ${signal} was sent at ${at} ms, which was not requested`;
  }
  return undefined;
});

export const killsInOrder: Check = eachExec(({ commands, asked }, { init }) => {
  const kills = commands.filter(isKill);
  if (kills.length < 2) return undefined;
  // The sender of a signal that was sent twice is unknown.
  const numbers = [...commands, ...(init?.commands ?? [])]
    .filter(({ command }) => ['kill', 'killAll', 'killTree'].includes(command.name))
    .map(({ command }) => command.value);
  let last = -1;
  for (const { command } of kills) {
    if (command.value === term || numbers.filter((one) => one === command.value).length > 1) continue;
    const sent = asked.find(({ signal, place }) => signal === command.value && place > command.place);
    if (sent === undefined) continue;
    if (sent.place < last) return `signal ${command.value}, asked for later, was sent earlier`;
    last = sent.place;
  }
  return undefined;
});

export const killIsSentInTime: Check = eachExec((exec, { bounds }) => {
  if (bounds === undefined) return undefined;
  const { commands, asked, exit } = exec;
  for (let before = 0; before < commands.length; before += 1) {
    const { command, unsubscribed } = commands[before] as CommandLog;
    if (command.name !== 'kill' || command.value > highest) continue;
    if (phaseAt(exec, command.place) !== 'running') continue;
    const due = command.at + bounds.exitTimeout * (before + 1);
    if ((exit !== undefined && exit.at <= due) || (unsubscribed !== undefined && unsubscribed.at <= due))
      continue;
    if (!asked.some(({ call, place, at }) => isSignal(call) && place > command.place && at <= due))
      return `the kill at ${command.at} ms had no turn by ${due} ms`;
  }
  return undefined;
});

export const killOfAllReachesAll: Check = ({ execs, init, bounds }) => {
  if (bounds === undefined) return undefined;
  for (const { command, unsubscribed } of init?.commands ?? []) {
    if (command.name !== 'killAll' || command.value > highest || unsubscribed !== undefined) continue;
    if ((init?.exit?.place ?? Infinity) < command.place) continue;
    // Others may be before it in the queue of an exec: then the init does not wait for that.
    const sentTo = ({ asked }: ExecLog): number | undefined =>
      asked.find(
        ({ call, signal, place, at }) =>
          call === 'process.signal' && signal === command.value && place > command.place && at === command.at,
      )?.place;
    const last = (init && sentTo(init)) ?? Infinity;
    for (const exec of execs) {
      if (phaseAt(exec, command.place) !== 'running') continue;
      const due = command.at + bounds.exitTimeout * (exec.commands.length + (init?.commands.length ?? 0) + 1);
      if (exec.exit !== undefined && exec.exit.at <= due && exec.exit.at > command.at) continue;
      const reached = exec.asked.some(
        ({ call, signal, place }) =>
          place > command.place && call === 'process.signal' && signal === command.value,
      );
      if (!exec.isInit && (sentTo(exec) ?? 0) > last) return `${exec.id} was reached after the init`;
      if (!reached && !(exec.exit !== undefined && exec.exit.at === command.at))
        return `${exec.id} was not reached by the kill of all at ${command.at} ms`;
    }
  }
  return undefined;
};

/** A signal that was not delivered, or came too late, need not be fast. */
const couldNotAsk = new Set(['failed', 'empty']);

export const stopGivesGrace: Check = eachExec((exec, log) => {
  const { commands, asked, answered, states } = exec;
  const { bounds, gone, init } = log;
  // What concerns whole trees stands in trees.ts.
  if (bounds === undefined || exec.treeBegan.length > 0) return undefined;
  for (const { command, answers, unsubscribed } of commands) {
    if (!isStop(command.name) || phaseAt(exec, command.place) !== 'running') continue;
    const [answer] = answers;
    const end = exec.exit;
    if (end === undefined) continue;
    const during = ({ place }: { readonly place: number }): boolean =>
      place > command.place && place < end.place;
    const others = endersOf(exec, log).some(
      (other) =>
        other.command !== command &&
        other.command.place < end.place &&
        (other.answers[0]?.place ?? Infinity) > command.place,
    );
    const goes =
      (gone !== undefined && gone.place < end.place) ||
      (init?.exit !== undefined && init.exit.place < end.place) ||
      states.some(({ via, place }) => via === 'systemGone' && place < end.place);
    if (others || goes) continue;
    const kill = asked.find((one) => one.call === 'process.kill' && during(one));
    const signal = asked.find((one) => one.call === 'process.signal' && during(one));
    const inVain = answered.some(
      (one) => one.call === 'process.signal' && during(one) && couldNotAsk.has(one.how),
    );
    // Others may have the turn, for as long as they hang.
    const waits = commands.some(
      (other) => other.command.place < command.place && (other.answers[0]?.place ?? Infinity) > command.place,
    );
    if (kill !== undefined && signal === undefined && !waits)
      return `it was killed at ${kill.at} ms without having been asked`;
    if (kill !== undefined && !inVain && kill.at < command.at + command.value)
      return `it was killed at ${kill.at} ms, stopped at ${command.at} ms with a grace of ${command.value} ms`;
    if (answer?.by === undefined || unsubscribed !== undefined) continue;
    const due = kill !== undefined ? 'kill' : signal !== undefined ? 'signal' : undefined;
    if (due !== undefined && answer.by !== due && !(inVain && answer.at >= command.at + command.value))
      return `it was stopped by ${due}, it is said by ${answer.by}`;
  }
  return undefined;
});
