/** What users command: answered once, and truly. */
import type { CommandTold } from '../story.js';
import { type Check, eachExec } from './check-of.js';

const isKill = ({ command }: CommandTold): boolean => command.name === 'kill';
const isSignal = (call: string): boolean => call === 'process.signal' || call === 'process.kill';

export const everyCommandAnswered: Check = eachExec(({ commands }, { over }) => {
  const odd = commands.find(
    ({ answers, gaveUp }) => answers.length > 1 || (over && !gaveUp && answers.length === 0),
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
      return `kill at ${command.at} ms reached nobody by ${turn} ms`;
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
      // With others under way it cannot be told whose signal it was.
      const [only] = open;
      if (open.length !== 1 || only === undefined || !isKill(only) || only.command.value > 64) continue;
      const [answer] = only.answers;
      if (answer?.place === place + 1 && answer.how !== due)
        return `${exec.id}: the engine said ${how}, the kill ${answer.how}`;
    }
  }
  return undefined;
};

export const runningIsNotDeleted: Check = eachExec(({ commands, states }) => {
  for (const { command, answers } of commands) {
    if (command.name !== 'delete') continue;
    const phase = states.filter(({ place }) => place < command.place).at(-1)?.phase;
    const [answer] = answers;
    if (phase !== 'running' || answer === undefined) continue;
    if (answer.how !== 'failedPrecondition' || answer.at !== command.at)
      return `it was deleted at ${command.at} ms, running, which was answered ${answer.how} at ${answer.at} ms`;
  }
  return undefined;
});
