/**
 * The signals by which people and programs ask this program to end. The first stops the command gracefully, the next
 * ends it at once.
 *
 * Unless another was chosen the command gets the signal that came: a program is used to SIGINT for Ctrl-C.
 */
import { fromEvent, map, merge, type Observable, takeUntil, timer } from 'rxjs';
import { messageOf } from '../../hcs/errors.js';
import { statusWhenKilled } from '../../hcs/exit-code.js';
import type { Task } from '../../index.js';
import type { RunSettings } from '../options/run-settings.js';
import type { Asked } from '../timeline/facts.js';
import { shortTime } from '../timeline/time-text.js';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** While somebody is subscribed, this program does not die of them. */
export const interrupts$: Observable<string> = merge(
  ...names.map((name) => fromEvent(process, name).pipe(map(() => name))),
);

/** Most commands have ended by then, and nobody needs to be told how to go on. */
const hintAfter = 1_000;

export interface InterruptPorts {
  readonly ask: (asked: Asked) => void;
  readonly warn: (line: string) => void;
  /** What the system calls a signal of this host. */
  readonly named: (signal: string) => string;
}

/** @returns what ends it: from then on this program dies of such signals again. */
export const stopOnInterrupt = (
  task: Task,
  { stopSignal, grace }: Pick<RunSettings, 'stopSignal' | 'grace'>,
  { ask, warn, named }: InterruptPorts,
): (() => void) => {
  const { id: exec, init } = task;
  const failed = (error: unknown): void => warn(`cannot stop the command: ${messageOf(error)}`);
  let stopping = false;

  const stop = (signal: string): void => {
    stopping = true;
    ask({ exec, to: 'stop', what: `${signal}, killed after ${shortTime(grace)}` });
    task.stop({ signal, grace }).subscribe({ error: failed });
    timer(hintAfter)
      .pipe(takeUntil(init.exit$))
      .subscribe(() => warn(`waiting for it to end; the same again kills it`));
  };

  const kill = (): void => void init.forceExit(statusWhenKilled).subscribe({ error: failed });

  const subscription = interrupts$.subscribe((name) => (stopping ? kill() : stop(stopSignal ?? named(name))));
  return () => subscription.unsubscribe();
};
