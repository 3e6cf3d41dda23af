/** Questions that corrections put to a recorded trace, and the ways in which they rewrite one. */
import {
  type Call,
  callName,
  type ExpectedCall,
  isCommand,
  type Snapshot,
  type Step,
  type Vector,
} from './vector.js';

/** Whether a gate makes calls wait at the end of a step. */
export const isShut = ({ setup, steps }: Vector, gate: string, index: number): boolean => {
  const releases = steps.flatMap(({ op, args }, at) =>
    op === 'release' && args['gate'] === gate ? [at] : [],
  );
  return setup.gates.includes(gate) && !(releases.length > 0 && releases.every((at) => at <= index));
};

/** The call of the original that waits at a gate at the end of a step, and keeps everybody out meanwhile. */
export const holderAt = (vector: Vector, index: number): (Call & { readonly at: number }) | undefined => {
  const held = vector.steps.slice(0, index + 1).flatMap(({ calls }, at) =>
    calls
      .filter((call) => lockedCalls.test(callName(call)) && isShut(vector, callName(call), at))
      .filter((call) => !vector.steps.slice(at + 1, index + 1).some((step) => releases(step, callName(call))))
      .map((call) => ({ ...call, at })),
  );
  return held.at(-1);
};

// What the original does under its lock. Its way from the exit to the release is not.
const lockedCalls =
  /^(container\.(start|createProcess|terminate|close)|process\.(signal|kill|resizeConsole)|io\.close|events\.publish Task(Start|ExecStarted))$/;

const releases = ({ op, args }: Step, gate: string): boolean => op === 'release' && args['gate'] === gate;

/** The step at whose end the exit of the process can be known. */
export const exitKnownAt = (vector: Vector): number | undefined => {
  const ended = vector.steps.findIndex(({ op }) => op === 'process.exit');
  const asked = ['process.wait', 'process.exitCode'];
  const known = vector.steps.findIndex(
    (_step, at) => ended >= 0 && at >= ended && !asked.some((gate) => isShut(vector, gate, at)),
  );
  return known < 0 ? undefined : known;
};

/** The exit as the original reported it, or would have, once it could. */
export const exitStatus = ({ setup, steps }: Vector): number => {
  const code = Number(steps.find(({ op }) => op === 'process.exit')?.args['code']);
  return setup.faults['process.exitCode'] || code === -1 ? 255 : code >>> 0;
};

/** The step that called a start: the first one only can get anywhere. */
export const startAt = ({ steps }: Vector): number => steps.findIndex(({ op }) => op === 'start');

export const isStartEvent = (call: Call): boolean =>
  /^events\.publish Task(Start|ExecStarted)$/.test(callName(call));

export const isReturn = (call: Call): boolean => call.obj === 'api';

/** Commands that wait for each other in the original. */
export const takesTurns = (step: Step): boolean =>
  isCommand(step) && step.op !== 'wait' && step.op !== 'closeIO';

/** What a command gets of an exec that has exited. */
export const answerOfExited = ({ ids, setup }: Vector, { op }: Step): unknown => {
  const name = `exec: '${ids.exec}' in task: '${ids.task}'`;
  const refused = (kind: string, message: string) => ({ error: { kind, message } });
  switch (op) {
    case 'start':
      return refused(
        'failedPrecondition',
        `${name} is in invalid state: 'exited' for start: failed precondition`,
      );
    case 'kill':
      return refused('notFound', `${name} not found: not found`);
    case 'forceExit':
      return {};
    default:
      return setup.terminal
        ? { error: null }
        : refused('failedPrecondition', `${name} is not a tty: failed precondition`);
  }
};

type Known = Pick<Snapshot, 'state' | 'pid' | 'status'>;

/** The part of a snapshot that follows from a state. */
export const known = (
  { initial }: Vector,
  state: 'created' | 'running' | 'exited',
  { pid, exitStatus }: { pid: number; exitStatus?: number },
): Known => {
  const exited = state === 'exited';
  const status = {
    ...initial.status,
    pid,
    status: exited ? 'STOPPED' : state.toUpperCase(),
    exitStatus: exited ? exitStatus : 255,
    exitedAt: exited ? 'set' : 'zero',
  };
  return { state, pid, status };
};

/** Makes further calls for a trace, with numbers that are not taken. */
export const callMaker = ({ steps }: Vector): ((call: Call & { of?: number }) => ExpectedCall) => {
  let last = Math.max(0, ...steps.flatMap(({ calls }) => calls.map(({ id }) => id)));
  return (call) => {
    last += 1;
    return { ...call, id: last };
  };
};

/** Makes results, joins and pending calls follow from the returns as they now stand. */
export const resettled = (vector: Vector): Vector => {
  const { steps } = vector;
  const returns = new Map(
    steps.flatMap(({ calls }, at) =>
      calls.flatMap(({ of, result }) => (of === undefined ? [] : [[of, { at, result }] as const])),
    ),
  );
  const resultBy = (command: number, at: number): unknown => {
    const back = returns.get(command);
    return back === undefined || back.at > at ? 'pending' : back.result;
  };
  const commands = steps.flatMap((step, at) => (isCommand(step) ? [{ as: step.as, at }] : []));
  const resettle = (step: Step, at: number): Step => {
    const before = commands.filter((command) => command.at <= at && command.as !== undefined);
    const asked = isCommand(step)
      ? at
      : step.op === 'join'
        ? before.filter(({ as }) => as === step.as).at(-1)?.at
        : undefined;
    const pending = before
      .filter((command) => resultBy(command.at, at) === 'pending')
      .map(({ as }) => as as string);
    return {
      ...step,
      result: asked === undefined ? step.result : resultBy(asked, at),
      after: { ...step.after, pending },
    };
  };
  return { ...vector, steps: steps.map(resettle) };
};
