/**
 * Runs the scenarios in one task, all at once, and stops the init at the end.
 */
import { defer, merge, type Observable, switchMap, takeUntil, timer } from 'rxjs';
import { local } from '../../hcs/local/index.js';
import { createTask, type Exec, kindOf, type StdioRequest, type Task } from '../../index.js';
import type { Asked } from '../timeline/facts.js';
import type { DemoStep } from './step.js';
import { demoSteps, init } from './steps.js';

export type Ask = (asked: Asked) => void;

/** Creates the task; nothing runs yet. */
export const makeTask = (): PromiseLike<Task> =>
  createTask({ id: init.id, system: local({ id: 'demo' }), spec: init.spec });

/** Completes when the task has ended and is deleted, also after a failure. */
export const runSteps = async (task: Task, ask: Ask): Promise<void> => {
  try {
    await task.init.start();
    await Promise.all(demoSteps.map((step) => runStep(task, step, ask)));
    ask({ exec: init.id, to: 'stop', what: 'SIGTERM' });
    await task.stop({ signal: 'SIGTERM' });
  } finally {
    await task[Symbol.asyncDispose]();
  }
};

const runStep = async (task: Task, step: DemoStep, ask: Ask): Promise<void> => {
  const { id, spec } = step;
  const stdio: StdioRequest = { stdout: 'pipe', terminal: spec.terminal === true };
  const exec = await task.createExec({ id, spec, stdio });
  void readAll(exec);
  await exec.start();
  merge(stopping(exec, step, ask), resizing(exec, step, ask)).subscribe();
  await exec.wait();
};

const stopping = (exec: Exec, { stop }: DemoStep, ask: Ask): Observable<unknown> =>
  after(exec, stop, ({ grace }) => {
    ask({ exec: exec.id, to: 'stop', what: `SIGTERM, killed after ${grace / 1_000}s` });
    return exec.stop({ signal: 'SIGTERM', grace });
  });

const resizing = (exec: Exec, { resize }: DemoStep, ask: Ask): Observable<unknown> =>
  after(exec, resize, ({ width, height }) => {
    ask({ exec: exec.id, to: 'resize', what: `${width}x${height}` });
    return exec.resizePty({ width, height });
  });

/** Does it after the delay, unless the exec has exited by then. */
const after = <P extends { readonly after: number }>(
  exec: Exec,
  plan: P | undefined,
  act: (plan: P) => Observable<unknown>,
): Observable<unknown> =>
  defer(() =>
    plan
      ? timer(plan.after).pipe(
          takeUntil(exec.exit$),
          switchMap(() => act(plan)),
        )
      : [],
  );

/** A process blocks when its output is not read. One exec's output is cut on purpose. */
const readAll = async ({ stdout }: Exec): Promise<void> => {
  try {
    for await (const _ of stdout ?? []);
  } catch (error) {
    if (kindOf(error) !== 'truncated') throw error;
  }
};
