/** What processes have started: who is stopped or forced to exit is ended with all of it, within the same bounds. */
import type { ExecLog, RunLog } from '../run-log.js';
import { type Check, eachExec, phaseAt } from './check-of.js';

/** Whether what the exec has started still runs at a place of the trace. */
const runsAt = ({ treeBegan, treeEnded }: ExecLog, pid: number, place: number): boolean =>
  treeBegan.some((one) => one.pid === pid && one.place < place) &&
  !treeEnded.some((one) => one.pid === pid && one.place < place);

/** A kill that the engine has not carried out, or not in the time that a killed process has. */
const killFailed = ({ asked, answered }: ExecLog, { bounds }: RunLog, pid: number, by: number): boolean => {
  const kills = asked.filter((one) => one.call === 'process.kill' && one.pid === pid);
  const done = answered.filter(
    (one) => one.call === 'process.kill' && one.pid === pid && one.how === 'done',
  ).length;
  return (
    kills.length > 0 && (done < kills.length || kills.some(({ at }) => at + (bounds?.exitTimeout ?? 0) <= by))
  );
};

export const stoppedWithItsTree: Check = eachExec((exec, log) => {
  if (log.bounds === undefined) return undefined;
  const pid = exec.released?.pid;
  if (pid === undefined || exec.released?.exit?.forced) return undefined;
  for (const { command, answers } of exec.commands) {
    const [answer] = answers;
    if (!command.name.startsWith('stop') || answer?.how !== 'done') continue;
    if (runsAt(exec, pid, answer.place) && !killFailed(exec, log, pid, answer.at))
      return `stopped at ${command.at} ms, and what it has started runs on at ${answer.at} ms`;
  }
  return undefined;
});

export const forcedWithItsTree: Check = eachExec((exec, log) => {
  const { released, commands } = exec;
  if (log.bounds === undefined || released === undefined || released.exit?.forced) return undefined;
  const forced = commands.find(
    ({ command, answers }) =>
      command.name === 'forceExit' &&
      answers[0]?.how === 'done' &&
      phaseAt(exec, command.place) === 'running' &&
      answers[0].place < released.place,
  );
  // Before its turn came the process may have ended otherwise: then its descendants are not awaited.
  const killed = exec.asked.some((one) => one.call === 'process.kill' && one.place < (exec.exit?.place ?? 0));
  if (forced === undefined || !killed) return undefined;
  return runsAt(exec, released.pid, released.place) && !killFailed(exec, log, released.pid, released.at)
    ? `forced to exit at ${forced.command.at} ms, released at ${released.at} ms, and what it has started runs on`
    : undefined;
});

/** The grace of a stop is that of the tree, also when its process has ended before. */
export const treeHasItsGrace: Check = eachExec((exec, log) => {
  const { bounds, gone, init } = log;
  if (bounds === undefined || exec.treeBegan.length === 0) return undefined;
  for (const { command, answers } of exec.commands) {
    const [answer] = answers;
    if (command.name !== 'stop' || phaseAt(exec, command.place) !== 'running') continue;
    if (
      answer === undefined ||
      exec.commands.length > 1 ||
      (!exec.isInit && init?.exit !== undefined && init.exit.place < answer.place)
    )
      continue;
    if (!exec.isInit && (init?.commands.length ?? 0) > 0) continue;
    const healed = log.trace.findIndex(({ is }) => is === 'healed');
    if (healed >= 0 && healed < answer.place) continue;
    if (gone !== undefined && gone.place < answer.place && !exec.isInit) continue;
    const inVain = exec.answered.some(
      (one) => one.call === 'process.signal' && (one.how === 'failed' || one.how === 'empty'),
    );
    if (inVain || exec.states.some(({ via }) => via === 'systemGone')) continue;
    const kill = exec.asked.find(
      (one) => one.call === 'process.kill' && one.place > command.place && one.place < answer.place,
    );
    if (kill !== undefined && kill.at < command.at + command.value)
      return `its tree was killed at ${kill.at} ms, stopped at ${command.at} ms with a grace of ${command.value} ms`;
    const due = kill === undefined ? 'signal' : 'kill';
    const asked = exec.asked.some((one) => one.call === 'process.signal' && one.place > command.place);
    if (asked && answer.by !== undefined && answer.by !== due && answer.by !== 'itself')
      return `it was stopped by ${due}, it is said by ${answer.by}`;
    const end = exec.treeEnded.find(({ place }) => place > command.place && place < answer.place);
    // Whether a container ends what outlives its init is seen by whether that had its time.
    if (exec.isInit && kill === undefined && end === undefined && runsAt(exec, answer.place, answer.place))
      return 'what its init has started was not waited for';
  }
  return undefined;
});

export const treeIsAsked: Check = eachExec((exec, log) => {
  const [given, other] = exec.commands.filter(
    ({ command }) => !['start', 'add', 'wait', 'pids'].includes(command.name),
  );
  if (log.bounds === undefined || given?.command.name !== 'stop') return undefined;
  if (!exec.made.some(({ tree }) => tree)) return undefined;
  const signal = exec.asked.find(
    ({ call, place }) =>
      call === 'process.signal' &&
      place > given.command.place &&
      place < (other?.command.place ?? Number.POSITIVE_INFINITY),
  );
  const byOthers = exec.isInit
    ? []
    : (log.init?.commands ?? []).filter(({ command }) => command.name === 'killAll');
  return signal === undefined || signal.tree === true || byOthers.length > 0
    ? undefined
    : `it was signalled alone at ${signal.at} ms`;
});
