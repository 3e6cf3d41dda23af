/**
 * Tells a trace anew from some step on, where rxshim ends the exec and the original did not, or did so otherwise.
 *
 * Commands answer as their turns come: at once, or, while one that is under way holds the turn, at the release.
 */
import { answerOfExited, callMaker, isReturn, known, resettled, takesTurns } from './trace.js';
import {
  type Call,
  callName,
  type ExpectedCall,
  isCommand,
  type Pair,
  type Step,
  type Vector,
} from './vector.js';
import type { Walk } from './walk.js';

export interface Rewriting {
  readonly from: number;
  readonly walk: Walk;
  readonly status: number;
  /** Whether a command under way holds the turn until the release. */
  readonly held?: boolean;
  /** What commands under way come to, by the step that called them; the others find an exec that has exited. */
  readonly results?: ReadonlyMap<number, unknown>;
  /** What else is called in the first step: right after some call of that step, or else before all of it. */
  readonly inserted?: { readonly after: (call: Call) => boolean; readonly call: Call };
}

export const rewrite = (vector: Vector, rewriting: Rewriting): Vector => {
  const { from, walk, status, held = false, inserted } = rewriting;
  const { setup, steps } = vector;
  const make = callMaker(vector);
  const pid = setup.pid;
  const exited = known(vector, 'exited', { pid, exitStatus: status });
  const running = known(vector, 'running', { pid });
  const returns = returnsOf(vector, rewriting, exited.status);

  const callOf = (name: string): ExpectedCall => {
    const dot = name.indexOf('.');
    const call = { obj: name.slice(0, dot), call: name.slice(dot + 1) };
    return make(name.endsWith('TaskExit') ? { ...call, args: exitEvent(vector, status) } : call);
  };
  const rewriteStep = (step: Step, at: number): Step => {
    if (at < from) return step;
    const kept = step.calls.filter((call) => stays(call, vector, at === from));
    if (inserted !== undefined && at === from) {
      kept.splice(kept.findIndex(inserted.after) + 1, 0, make(inserted.call));
    }
    const loose = (walk.loose[at] ?? []).map(callOf);
    const ordered = (walk.ordered[at] ?? []).map(callOf);
    const returned = returns
      .filter((back) => back.at === at)
      .map(({ of, result }) =>
        make({ obj: 'api', call: 'return', args: steps[of]?.as ?? 'call', result, of }),
      );
    const last = (walk.last[at] ?? []).map(callOf);
    const waits = returned.filter(({ of }) => held || steps[of as number]?.op === 'wait');
    const others = returned.filter((call) => !waits.includes(call));
    return {
      ...step,
      calls: [...kept, ...loose, ...ordered, ...returned, ...last],
      unordered: [
        ...step.unordered,
        // Relays take no notice of anything but the closing that waits for them.
        ...pairs(loose, [...kept, ...loose, ...returned]),
        ...pairs(last, [
          ...returned,
          ...ordered.slice(ordered.findIndex((call) => callName(call) === 'io.close') + 1),
        ]),
        // A command that the exit answers does not wait for what else comes of the exit.
        ...pairs(others, [...kept, ...ordered, ...returned]),
        ...pairs(waits, waits),
      ],
      after: {
        ...step.after,
        ...(walk.exitAt !== undefined && at >= walk.exitAt ? exited : running),
        waitReleased: walk.releasedAt !== undefined && at >= walk.releasedAt,
        data: walk.data[at] ?? step.after.data,
      },
    };
  };
  return resettled({ ...vector, steps: steps.map(rewriteStep) });
};

/** What the walk describes is not repeated; what happens in the first step before all this, and elsewhere, stays. */
const stays = (call: ExpectedCall, { steps }: Vector, isFirst: boolean): boolean => {
  if (isReturn(call)) return steps[call.of ?? -1]?.op === 'closeIO';
  if (/^(process\.close|io\.close$|events\.publish TaskExit$)/.test(callName(call))) return false;
  return isFirst || !/^process\./.test(callName(call));
};

interface Back {
  readonly of: number;
  readonly at: number;
  readonly result: unknown;
}

const returnsOf = (
  vector: Vector,
  { from, walk, held = false, results }: Rewriting,
  exitedStatus: unknown,
): Back[] => {
  const { steps } = vector;
  const before = new Set(steps.slice(0, from).flatMap(({ calls }) => calls.map(({ of }) => of)));
  return steps.flatMap((step, of) => {
    if (!isCommand(step) || step.op === 'closeIO' || before.has(of)) return [];
    const since = held || step.op === 'wait' ? walk.releasedAt : walk.exitAt;
    if (since === undefined) return [];
    const answer = takesTurns(step) ? answerOfExited(vector, step) : { response: exitedStatus };
    return [{ of, at: Math.max(of, since), result: results?.has(of) ? results.get(of) : answer }];
  });
};

const exitEvent = ({ ids, setup }: Vector, exitStatus: number) => ({
  type: 'TaskExit',
  topic: '/tasks/exit',
  containerId: ids.task,
  id: ids.exec,
  pid: setup.pid,
  exitStatus,
  exitedAt: 'set',
});

const pairs = (some: readonly ExpectedCall[], others: readonly ExpectedCall[]): Pair[] =>
  some.flatMap((a) => others.filter((b) => b !== a).map((b): Pair => [a.id, b.id]));
