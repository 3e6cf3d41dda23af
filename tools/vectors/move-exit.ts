/**
 * Moves the recording of an exit, and what follows from it, from where the original got to it forward to the step in
 * which it was known.
 */
import { rewrite } from './rewrite.js';
import { answerOfExited, exitStatus, holderAt, isReturn, resettled, takesTurns } from './trace.js';
import { callName, type ExpectedCall, type Pair, type Step, type Vector } from './vector.js';
import { walkOn } from './walk.js';

/** @param at the step in which the exit was known while a call on the process was under way. */
export const moveExit = (vector: Vector, at: number): Vector => {
  const { setup, steps } = vector;
  const holding = holdingCommand(vector, at);
  const success = new Map(holding === undefined ? [] : [[holding, successOf(steps[holding])]]);
  const unlocked = steps.findIndex(({ after }, index) => index > at && after.state === 'exited');
  if (unlocked < 0) {
    // The original never got to it; nothing in the trace tells how it would have gone on.
    const walk = walkOn(vector, { from: at, published: setup.kind === 'exec' });
    return rewrite(vector, { from: at, walk, status: exitStatus(vector), results: success });
  }

  const drained = drainedAt(vector, at);
  const arriving = new Map<number, ExpectedCall[]>();
  const leave = (call: ExpectedCall, index: number): boolean => {
    const move = (to: number, moved = call): boolean => {
      if (to === index && moved === call) return true;
      arriving.set(to, [...(arriving.get(to) ?? []), moved]);
      return false;
    };
    const command = steps[call.of ?? -1];
    if (isReturn(call) && command !== undefined && call.of !== undefined) {
      if (command.op === 'wait') return move(Math.max(call.of, drained));
      if (!takesTurns(command)) return true;
      if (call.of > at) return move(call.of);
      return move(at, { ...call, result: success.get(call.of) ?? answerOfExited(vector, command) });
    }
    // Commands that waited, and the end of the container, now find no process to call.
    if (/^process\.(signal|kill|resizeConsole)$/.test(callName(call))) return false;
    return index === unlocked && drained <= index ? move(drained) : true;
  };

  const left = steps.map((step, index) => ({
    ...step,
    calls: step.calls.filter((call) => index <= at || index > unlocked || leave(call, index)),
  }));
  const last = steps[unlocked] as Step;
  const moved = (step: Step, index: number): Step => {
    const calls = [...step.calls, ...(arriving.get(index) ?? [])];
    const answers = calls.filter(({ of }) => of !== undefined && takesTurns(steps[of] as Step));
    const unordered = index < at || index > unlocked ? [] : [...last.unordered, ...pairs(answers, calls)];
    if (index < at || index >= unlocked)
      return { ...step, calls, unordered: [...step.unordered, ...unordered] };
    const { state, pid, status, waitReleased } = last.after;
    return {
      ...step,
      calls,
      unordered: [...step.unordered, ...unordered],
      after: { ...step.after, state, pid, status, waitReleased: waitReleased && index >= drained },
    };
  };
  return resettled({ ...vector, steps: left.map(moved) });
};

/** The command whose call hangs; none when it was the end of the container that called. */
const holdingCommand = (vector: Vector, index: number): number | undefined => {
  const { steps } = vector;
  const holder = holderAt(vector, index);
  if (holder === undefined || steps[holder.at]?.op === 'container.exit') return undefined;
  const back = new Set(steps.slice(0, index + 1).flatMap(({ calls }) => calls.map(({ of }) => of)));
  const fits = holder.call === 'resizeConsole' ? ['resize'] : ['kill', 'forceExit'];
  const command = steps.findIndex(({ op }, at) => at <= index && fits.includes(op) && !back.has(at));
  return command < 0 ? undefined : command;
};

const successOf = (step: Step | undefined): unknown => (step?.op === 'forceExit' ? {} : { error: null });

/** The step in which the last of the output was through, the exit's own at the earliest. */
const drainedAt = ({ setup, steps }: Vector, at: number): number => {
  const wanted = [setup.stdout && 'process.closeStdout', setup.stderr && 'process.closeStderr'];
  const last = wanted.map((name) =>
    name ? steps.findIndex(({ calls }) => calls.some((call) => callName(call) === name)) : at,
  );
  return Math.max(at, ...last.map((index) => (index < 0 ? steps.length : index)));
};

const pairs = (some: readonly ExpectedCall[], others: readonly ExpectedCall[]): Pair[] =>
  some.flatMap((a) => others.filter((b) => b !== a).map((b): Pair => [a.id, b.id]));
