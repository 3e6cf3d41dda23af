/**
 * From some step on, what relays, exit and closing of a running process come to, when only the process itself,
 * or the bounds, decide it. Corrections take from here what the original's trace cannot show, because it never got
 * there or got there later.
 */
import { timeoutOf } from './operations.js';
import { exitKnownAt, isShut } from './trace.js';
import { callName, type Step, type Vector } from './vector.js';

export interface Walk {
  /** The step in which the exit is recorded. */
  readonly exitAt: number | undefined;
  /** The bound was up before the process reported its end. */
  readonly timedOut: boolean;
  /** The drain's bound was up before the output was through. */
  readonly cut: boolean;
  /** The step in which everything is closed and published. */
  readonly releasedAt: number | undefined;
  /** By step: calls that may come at any time within it. */
  readonly loose: readonly (readonly string[])[];
  /** By step: calls that come in this order, after the loose ones. */
  readonly ordered: readonly (readonly string[])[];
  /** By step: calls that come after these, in any order with the returns of commands. */
  readonly last: readonly (readonly string[])[];
  readonly data: readonly Readonly<Record<string, string>>[];
}

export interface WalkFrom {
  /** The first step that is walked. */
  readonly from: number;
  /** The end is expected from this step on. */
  readonly expectedFrom?: number;
  /** Whether the exit is published at the end. */
  readonly published: boolean;
}

const exitBound = 5_000;
const drainCap = 1_000;
const outputs = ['stdout', 'stderr'] as const;
type Output = (typeof outputs)[number];
const closing = { stdout: 'process.closeStdout', stderr: 'process.closeStderr' } as const;
const stored = { stdout: 'upstreamStdout', stderr: 'upstreamStderr' } as const;

export const walkOn = (vector: Vector, { from, expectedFrom, published }: WalkFrom): Walk => {
  const { setup, steps } = vector;
  const done = new Set(steps.slice(0, from).flatMap(({ calls }) => calls.map(callName)));
  const open = new Set<Output>(outputs.filter((name) => setup[name] && !done.has(closing[name])));
  const ended = new Set<Output>();
  const stuck = new Set<Output>();
  let stdinOpen = setup.stdin && !done.has('process.closeStdin');
  let stdinEnded = false;
  let data: Record<string, string> = { ...(steps[from]?.after.data ?? {}) };
  const queue = ['process.close', 'io.close', ...(published ? ['events.publish TaskExit'] : [])];
  let waitsAt: string | undefined;
  let [sinceExpected, sinceExit] = [0, 0];
  const walk = {
    exitAt: undefined as number | undefined,
    timedOut: false,
    cut: false,
    releasedAt: undefined as number | undefined,
    loose: [] as string[][],
    ordered: [] as string[][],
    last: [] as string[][],
    data: [] as Record<string, string>[],
  };

  const happen = ({ op, args }: Step, index: number): void => {
    const stream = args['stream'] as Output;
    const text = String(args['text']);
    if (op === 'closeIO' || op === 'upstream.stdinEOF') stdinEnded = true;
    if (op === 'process.eof') ended.add(stream);
    if (op === 'process.exit' && args['holdStreams'] !== true) for (const name of outputs) ended.add(name);
    if (op === 'process.write' && setup.faults[`io.${stream}Write`]) ended.add(stream);
    else if (op === 'process.write' && isShut(vector, `io.${stream}Write`, index)) stuck.add(stream);
    else if (op === 'process.write' && index > from && open.has(stream)) {
      data = { ...data, [stored[stream]]: `${data[stored[stream]]}${text}` };
    }
    if (op === 'upstream.stdinWrite' && setup.faults['process.stdinWrite']) stdinEnded = true;
    else if (op === 'upstream.stdinWrite' && index > from && stdinOpen) {
      data = { ...data, processStdin: `${data['processStdin']}${text}` };
    }
  };

  /** What the bounds do when time passes. Answers with what the cut closes. */
  const pass = (step: Step, index: number): string[] => {
    let time = step.op === 'awaitWaitReleased' && walk.releasedAt === undefined ? timeoutOf(step.result) : 0;
    if (walk.exitAt === undefined && expectedFrom !== undefined && index > expectedFrom) {
      sinceExpected += time;
      time = Math.max(0, sinceExpected - exitBound);
      walk.timedOut = sinceExpected >= exitBound;
      if (walk.timedOut) walk.exitAt = index;
    }
    if (walk.exitAt === undefined || open.size === 0) return [];
    sinceExit += time;
    if (sinceExit < drainCap) return [];
    walk.cut = true;
    const cut = ['process.close', ...[...open].map((name) => closing[name])];
    open.clear();
    return cut;
  };

  const closeUp = (index: number): string[] => {
    const calls: string[] = [];
    while (!(waitsAt !== undefined && isShut(vector, waitsAt, index))) {
      if (waitsAt === 'io.close' && stdinOpen) {
        stdinOpen = false;
        walk.last[index]?.push('process.closeStdin');
      }
      waitsAt = queue.shift();
      if (waitsAt === undefined) {
        walk.releasedAt = index;
        break;
      }
      calls.push(waitsAt);
    }
    return calls;
  };

  const exitKnown = exitKnownAt(vector);
  for (const [index, step] of steps.entries()) {
    happen(step, index);
    const loose: string[] = [];
    walk.loose.push(loose);
    walk.ordered.push([]);
    walk.last.push([]);
    walk.data.push(data);
    if (index < from) continue;
    if (stdinOpen && stdinEnded) {
      stdinOpen = false;
      loose.push('process.closeStdin');
    }
    for (const name of [...open]) {
      if (!ended.has(name) || (stuck.has(name) && isShut(vector, `io.${name}Write`, index))) continue;
      open.delete(name);
      loose.push(closing[name]);
    }
    if (walk.exitAt === undefined && exitKnown !== undefined && exitKnown <= index) walk.exitAt = index;
    const ordered = pass(step, index);
    const isOver = walk.exitAt !== undefined && open.size === 0;
    if (isOver && walk.releasedAt === undefined) ordered.push(...closeUp(index));
    walk.ordered[index] = ordered;
  }
  return walk;
};
