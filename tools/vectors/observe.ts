/**
 * Lives a vector with the real exec, and returns what was observed in the form of vectors. Of the vector it
 * knows the setup and what is done; what is expected of it plays no part here.
 */
import { isObservable } from 'rxjs';
import { kindOf, messageOf } from '../../src/hcs/failures/errors.js';
import type { Exec } from '../../src/streams/exec/interface.js';
import type { MakeHarness } from './harness.js';
import { operations } from './operations.js';
import type { Call, Snapshot, StatusFields, Step, Vector } from './vector.js';
import { makeWorld, type World } from './world.js';

export interface Observed {
  readonly result: unknown;
  readonly calls: readonly Call[];
  readonly after: Snapshot;
}

export interface Observation {
  readonly initial: Snapshot;
  readonly steps: readonly Observed[];
}

export const observe = async (vector: Vector, makeHarness?: MakeHarness): Promise<Observation> => {
  const world = makeWorld(vector, makeHarness);
  const calls = new Map<string, unknown>();
  await world.recorder.atRest();
  const initial = snapshot(world, calls);
  const steps: Observed[] = [];
  try {
    for (const step of vector.steps) steps.push(await observeStep(world, calls, step));
  } finally {
    await world.leave();
  }
  return { initial, steps };
};

/** @param calls the results of named commands, as far as they have returned. */
const observeStep = async (world: World, calls: Map<string, unknown>, step: Step): Promise<Observed> => {
  const { recorder, exec } = world;
  let result: unknown = 'pending';
  const returned = (of: Outcome): void => {
    result = resultOf(exec, step.op, of);
    recorder.record({ obj: 'api', call: 'return', args: step.as ?? 'call', result });
    if (step.as !== undefined) calls.set(step.as, result);
  };
  const operation = operations[step.op];
  const done = operation?.(world, step.args, step);
  if (isObservable(done)) {
    if (step.as !== undefined) calls.set(step.as, 'pending');
    done.subscribe({ error: (error) => returned({ error }), complete: () => returned({}) });
  } else {
    await done;
    result = step.op === 'join' && step.as !== undefined ? calls.get(step.as) : undefined;
  }
  await recorder.atRest();
  return { result, calls: recorder.take(), after: snapshot(world, calls) };
};

type Outcome = { readonly error?: unknown };

const resultOf = (exec: Exec, op: string, outcome: Outcome): unknown => {
  if ('error' in outcome) {
    const kind = kindOf(outcome.error);
    const known = kind === 'notFound' || kind === 'failedPrecondition';
    return { error: { kind: known ? kind : 'other', message: plain(messageOf(outcome.error)) } };
  }
  if (op === 'wait') return { response: statusFields(exec) };
  return op === 'forceExit' ? {} : { error: null };
};

/** What a guest said is within what the client made of it. */
const plain = (message: string): string => /guest RPC failure: (.*): unknown$/s.exec(message)?.[1] ?? message;

const snapshot = ({ exec, released, data }: World, calls: ReadonlyMap<string, unknown>): Snapshot => ({
  state: exec.state,
  pid: exec.pid,
  status: statusFields(exec),
  waitReleased: released(),
  pending: [...calls].filter(([, result]) => result === 'pending').map(([name]) => name),
  data: { ...data },
});

const statusFields = (exec: Exec): StatusFields => {
  const { exitedAt, ...fields } = exec.status();
  return { ...fields, exitedAt: exitedAt === undefined ? 'zero' : 'set' };
};
