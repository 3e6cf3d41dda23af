/**
 * The signals that ask this program to end. The first stops the command gracefully, the next kills it.
 *
 * By default the command gets the received signal, since programs expect SIGINT for Ctrl-C. It gets it once: a signal
 * to the process group of both, as a terminal sends it, is not sent again.
 */
import { constants } from 'node:os';
import { filter, fromEvent, map, merge, type Observable, takeUntil, timer } from 'rxjs';
import { statusWhenKilled } from '../../hcs/contract/exit-code.js';
import { messageOf } from '../../hcs/failures/errors.js';
import type { GroupWitness } from '../../hcs/native/process/group-witness.js';
import type { ExecOutcome, Task } from '../../index.js';
import type { RunSettings } from '../options/run-settings.js';
import type { Asked } from '../timeline/facts.js';
import { shortTime } from '../timeline/time-text.js';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
type Name = (typeof names)[number];

/** While it is subscribed to, these signals do not kill this program. */
export const interrupts$: Observable<Name> = merge(
  ...names.map((name) => fromEvent(process, name).pipe(map(() => name))),
);

/** Most commands have ended by then and need no hint how to kill them. */
const hintAfter = 1_000;

/**
 * Within this time a signal of the same name is the same request: timeout(1) signals its child, then its group, and a busy
 * machine may deliver the second late. No user repeats a key as quickly.
 */
const oneRequest = 100;

/** By then a signal to the process group has reached all its members. */
const reachedAll = 20;

export interface InterruptPorts {
  readonly ask: (asked: Asked) => void;
  readonly warn: (line: string) => void;
  /** The system's name for a signal of this host. */
  readonly named: (signal: string) => string;
  /** Detects what the command got together with this program, if possible. */
  readonly witness?: GroupWitness | undefined;
}

export interface Interrupts {
  /** The received signal, if the command exited by it. */
  endedBy(outcome: ExecOutcome): NodeJS.Signals | undefined;
  /** From then on such signals kill this program again. */
  close(): void;
}

export const stopOnInterrupt = (
  task: Task,
  { stopSignal, grace }: Pick<RunSettings, 'stopSignal' | 'grace'>,
  { ask, warn, named, witness }: InterruptPorts,
): Interrupts => {
  const { id: exec, init } = task;
  const failed = (error: unknown): void => warn(`cannot stop the command: ${messageOf(error)}`);
  const received = new Set<Name>();
  const latest = new Map<Name, number>();
  let stopping = false;

  const isAnother = (name: Name): boolean => {
    const now = performance.now();
    if (now - (latest.get(name) ?? Number.NEGATIVE_INFINITY) <= oneRequest) return false;
    latest.set(name, now);
    return true;
  };

  const kill = (): void => void init.forceExit(statusWhenKilled).subscribe({ error: failed });

  const stop = (name: Name): void => {
    const signal = stopSignal ?? named(name);
    ask({ exec, to: 'stop', what: `${signal}, killed after ${shortTime(grace)}` });
    timer(hintAfter)
      .pipe(takeUntil(init.exit$))
      .subscribe(() => warn(`waiting for it to end; the same again kills it`));
    // The command may have got the signal already, and may leave processes with a grace period.
    const reached$ = witness && timer(reachedAll).pipe(map(() => witness.saw(name)));
    task.stop({ signal, grace, ...(reached$ && { reached$ }) }).subscribe({ error: failed });
  };

  const subscription = interrupts$.pipe(filter(isAnother)).subscribe((name) => {
    received.add(name);
    if (stopping) kill();
    else stop(name);
    stopping = true;
  });
  return {
    endedBy: (outcome) =>
      outcome.kind === 'signaled'
        ? [...received].find((name) => constants.signals[name] === outcome.signal)
        : undefined,
    close: () => subscription.unsubscribe(),
  };
};
