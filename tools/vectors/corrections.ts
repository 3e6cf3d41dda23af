/**
 * Where rxshim departs from the original on purpose: the corrections of the design, each a rule that rewrites what a
 * trace of the original says into what rxshim does there.
 *
 * A rule looks at faults, gates, steps and calls, never at a name, and leaves every trace alone in which its own
 * condition does not hold. Whatever no rule touches must come exactly as the original did it. C7 has no rule: that a
 * signal can be lost with its request is nothing that these traces can show.
 */
import { moveExit } from './move-exit.js';
import { rewrite } from './rewrite.js';
import {
  exitKnownAt,
  exitStatus,
  holderAt,
  isReturn,
  isShut,
  isStartEvent,
  known,
  startAt,
} from './trace.js';
import { type Call, callName, type Snapshot, type Vector } from './vector.js';
import { walkOn } from './walk.js';

export interface Correction {
  readonly name: string;
  readonly rewrite: (vector: Vector) => Vector;
}

/**
 * C4: an exit code that could not be read is 255, containerd's own "unknown".
 *
 * Applies when the process ran and its code was -1 or could not be asked. A code of 4294967295 that was read, or that
 * somebody forced, is no such thing and stays: the original has the one number for all of them, so the condition looks
 * at where it came from.
 */
const unknownCode = (vector: Vector): Vector => {
  const { setup, steps } = vector;
  const ended = steps.find(({ op }) => op === 'process.exit');
  const unread = Boolean(setup.faults['process.exitCode']) || ended?.args['code'] === -1;
  const ran = steps.some(({ calls }) => calls.some((call) => isStartEvent(call) && !failed(call)));
  return unread && ran ? (mend(vector) as Vector) : vector;
};

const mend = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(mend);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === 'exitStatus' && inner === 0xffffffff ? 255 : mend(inner),
  ]);
  return Object.fromEntries(entries);
};

/**
 * C5: a call on the process that hangs does not keep its exit from being recorded.
 *
 * Applies from the step in which the exit is known while such a call holds the original's lock. From there on the exec
 * has exited: what the original did once it was unlocked comes at once, the call that hung has succeeded, and those
 * behind it find an exited exec. A start that hangs is no call on the process, and a Windows signal holds no lock: with
 * either the original stands.
 */
const exitDuringCall = (vector: Vector): Vector => {
  const knownAt = exitKnownAt(vector);
  if (knownAt === undefined) return vector;
  const hung = vector.steps.findIndex(
    ({ after }, at) => at >= knownAt && after.state === 'blocked' && callsProcess(holderAt(vector, at)),
  );
  return hung < 0 ? vector : moveExit(vector, hung);
};

const callsProcess = (call: Call | undefined): boolean =>
  call !== undefined && /^process\.(signal|kill|resizeConsole)$/.test(callName(call));

/**
 * C1: a process whose start could not be published is killed, and its exit awaited.
 *
 * Applies to an exec whose start event fails to be published, be it at once or when a gate is released. (An init takes
 * its container down, and the process with it, in the original too.) Until the process ends the exec is what the
 * original says it was for a moment, running, and its start is under way: commands wait, relays relay. Then everything
 * is closed as after any exit, but no exit is published for what was never announced, and the status is that of a failed
 * start. All that follows from when the process ends, and from nothing else in the trace.
 */
const unpublishedStart = (vector: Vector): Vector => {
  const { setup, steps } = vector;
  const isUnpublished = (call: Call): boolean => isStartEvent(call) && failed(call);
  const published = steps.findIndex(({ calls }) => calls.some(isUnpublished));
  const gate = 'events.publish TaskExecStarted';
  const from = steps.findIndex((_step, at) => published >= 0 && at >= published && !isShut(vector, gate, at));
  if (setup.kind === 'init' || from < 0) return vector;
  const start = startAt(vector);
  const failure = steps.flatMap(({ calls }) => calls).find((call) => isReturn(call) && call.of === start);
  return rewrite(vector, {
    from,
    walk: walkOn(vector, { from, expectedFrom: from, published: false }),
    status: 1,
    held: true,
    results: new Map([[start, failure?.result]]),
    inserted: { after: isUnpublished, call: { obj: 'process', call: 'kill' } },
  });
};

/**
 * C2: state, pid and status are answered at once, with the latest state.
 *
 * Applies to every snapshot that the original kept waiting. What the latest state is follows from the calls so far: a
 * process exists once its start is being published, and an exec that never ran has exited once its upstream is being closed.
 * Nothing else changes under the lock (an exit that would is C5's).
 */
const latestState = (vector: Vector): Vector => {
  const { initial, setup, steps } = vector;
  let latest: Pick<Snapshot, 'state' | 'pid' | 'status'> = initial;
  let started = false;
  const rewritten = steps.map((step, at) => {
    started ||= step.calls.some(({ obj }) => obj === 'container');
    if (step.calls.some(isStartEvent)) latest = known(vector, 'running', { pid: setup.pid });
    if (step.after.state !== 'blocked') {
      latest = step.after;
      return step;
    }
    const holder = holderAt(vector, at);
    if (holder !== undefined && callName(holder) === 'io.close' && latest.state !== 'exited') {
      const exitStatus = step.op === 'forceExit' && !started ? Number(step.args['status']) >>> 0 : 1;
      latest = known(vector, 'exited', { pid: latest.pid ?? 0, exitStatus });
    }
    const { state, pid, status } = latest;
    return { ...step, after: { ...step.after, state, pid, status } };
  });
  return { ...vector, steps: rewritten };
};

/**
 * C3: a process that was to be ended and does not report it in time is given up, with the status that was asked for.
 *
 * Applies only when more time passes than the bound of five seconds. The original would have waited for ever, so
 * nothing after that moment can be taken from its trace.
 */
const givenUp = (vector: Vector): Vector => {
  const { setup, steps } = vector;
  const forced = steps.findIndex(
    ({ op, after }) => (op === 'forceExit' || op === 'container.exit') && after.state === 'running',
  );
  if (forced < 0) return vector;
  const walk = walkOn(vector, { from: forced, expectedFrom: forced, published: setup.kind === 'exec' });
  if (!walk.timedOut || walk.exitAt === undefined) return vector;
  if (steps[walk.exitAt]?.after.state !== 'running') return vector;
  const asked = steps.slice(forced, walk.exitAt).find(({ op }) => op === 'forceExit')?.args['status'];
  return rewrite(vector, {
    from: walk.exitAt,
    walk,
    status: asked === undefined ? 255 : Number(asked) >>> 0,
  });
};

/**
 * C6: when the drain's time is up, what is still being written is given up too.
 *
 * Applies when an upstream takes no more output (a gate on its writes is shut), the process has exited, and the second
 * that the original gives to reading passes. The original then still waits for the write; rxshim closes and releases.
 */
const stuckUpstream = (vector: Vector): Vector => {
  const { setup, steps } = vector;
  const from = exitKnownAt(vector);
  if (from === undefined || steps[from]?.after.state !== 'exited') return vector;
  const walk = walkOn(vector, { from, published: setup.kind === 'exec' });
  const { cut, releasedAt } = walk;
  if (!cut || releasedAt === undefined) return vector;
  const isStuck = ['io.stdoutWrite', 'io.stderrWrite'].some((gate) => isShut(vector, gate, releasedAt));
  const after = steps[releasedAt]?.after;
  if (!isStuck || after?.state !== 'exited' || after.waitReleased) return vector;
  return rewrite(vector, { from: releasedAt, walk, status: exitStatus(vector) });
};

/**
 * C8: an exit that could not be published is tried again.
 *
 * Applies once a TaskExit has failed: in every later step in which time passes, the same call may come again. When
 * nothing else passes than steps, there is one attempt, as in the original.
 */
const triedAgain = (vector: Vector): Vector => {
  const { steps } = vector;
  const isFailure = (call: Call): boolean => callName(call) === 'events.publish TaskExit' && failed(call);
  const at = steps.findIndex(({ calls }) => calls.some(isFailure));
  const optional = steps[at]?.calls.filter(isFailure) ?? [];
  return {
    ...vector,
    steps: steps.map((step, index) =>
      at >= 0 && index > at && step.op === 'awaitWaitReleased' ? { ...step, optional } : step,
    ),
  };
};

const failed = ({ result }: Call): boolean =>
  typeof result === 'object' && result !== null && Boolean((result as { error?: unknown }).error);

/** In the order in which they are applied: each finds what those before it have made. */
export const corrections: readonly Correction[] = [
  { name: 'C4', rewrite: unknownCode },
  { name: 'C5', rewrite: exitDuringCall },
  { name: 'C1', rewrite: unpublishedStart },
  { name: 'C2', rewrite: latestState },
  { name: 'C3', rewrite: givenUp },
  { name: 'C6', rewrite: stuckUpstream },
  { name: 'C8', rewrite: triedAgain },
];
