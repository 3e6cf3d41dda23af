/** A test in virtual time with a task whose init waits, for works beside it. */
import type { Observable } from 'rxjs';
import { createTask, type Run, type RunOptions, run, type Task } from 'rxshim';
import { inVirtualTime, type SimulatedOptions, type VirtualHarness } from 'rxshim/testing';

export interface Harness extends VirtualHarness {
  readonly task: Task;
  /** A run of that program in the task. */
  program(name: string, options?: RunOptions): Run;
  /** Subscribes, and returns the lines that are written: each with its time. Unsubscribed from at the end. */
  log<T>(
    source$: Observable<T>,
    words: (value: T) => string | undefined,
  ): { readonly lines: readonly string[]; stop(): void };
}

export const inATask = (
  processes: NonNullable<SimulatedOptions['processes']>,
  test: (harness: Harness) => Promise<void>,
): Promise<void> =>
  inVirtualTime(async (harness) => {
    const { scheduler, system, now } = harness;
    const task = await createTask({
      id: 't',
      system: system({ processes }),
      scheduler,
      spec: { args: ['init'] },
    });
    await task.init.start();
    const stops: (() => void)[] = [];
    await test({
      ...harness,
      task,
      program: (name, options) => run(task, [name], { scheduler, ...options }),
      log: (source$, words) => {
        const lines: string[] = [];
        const note = (text: string | undefined): void => {
          if (text !== undefined) lines.push(`${now()} ${text}`);
        };
        const subscription = source$.subscribe({
          next: (value) => note(words(value)),
          error: (error: Error) => note(`error: ${error.message}`),
          complete: () => note('complete'),
        });
        const stop = () => subscription.unsubscribe();
        stops.push(stop);
        return { lines, stop };
      },
    });
    for (const stop of stops) stop();
    await task[Symbol.asyncDispose]();
  });
