/**
 * The signals by which people and programs ask this program to end. The first stops the command gracefully, the next
 * ends it at once.
 *
 * Unless another was chosen the command gets the signal that came: a program is used to SIGINT for Ctrl-C. It gets it
 * once: one that came to the process group of both, as a terminal sends it, is not sent again.
 */
import { constants } from 'node:os';
import { filter, fromEvent, map, merge, type Observable, takeUntil, timer } from 'rxjs';
import { statusWhenKilled } from '../../hcs/contract/exit-code.js';
import { kindOf, messageOf } from '../../hcs/failures/errors.js';
import type { GroupWitness } from '../../hcs/native/process/group-witness.js';
import type { ExecOutcome, Task } from '../../index.js';
import type { RunSettings } from '../options/run-settings.js';
import type { Asked } from '../timeline/facts.js';
import { shortTime } from '../timeline/time-text.js';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
type Name = (typeof names)[number];

/** While somebody is subscribed, this program does not die of them. */
export const interrupts$: Observable<Name> = merge(
  ...names.map((name) => fromEvent(process, name).pipe(map(() => name))),
);

/** Most commands have ended by then, and nobody needs to be told how to go on. */
const hintAfter = 1_000;

/**
 * Within this time a signal of the same name is the same request: timeout(1) signals its child, then its group. A group
 * has got a signal as a whole by then, too.
 */
const oneRequest = 20;

export interface InterruptPorts {
  readonly ask: (asked: Asked) => void;
  readonly warn: (line: string) => void;
  /** What the system calls a signal of this host. */
  readonly named: (signal: string) => string;
  /** Knows what the command got together with this program, where it may. */
  readonly witness?: GroupWitness | undefined;
}

export interface Interrupts {
  /** The signal that came and by which the command then ended. */
  endedBy(outcome: ExecOutcome): NodeJS.Signals | undefined;
  /** From then on this program dies of such signals again. */
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
    const since = now - (latest.get(name) ?? Number.NEGATIVE_INFINITY);
    latest.set(name, now);
    return since > oneRequest;
  };

  const kill = (): void => void init.forceExit(statusWhenKilled).subscribe({ error: failed });

  /** What cannot be asked has no grace. */
  const killUnlessGone = (error: unknown): void => {
    if (kindOf(error) === 'notFound') return;
    failed(error);
    kill();
  };

  const stop = (name: Name): void => {
    const signal = stopSignal ?? named(name);
    ask({ exec, to: 'stop', what: `${signal}, killed after ${shortTime(grace)}` });
    timer(hintAfter)
      .pipe(takeUntil(init.exit$))
      .subscribe(() => warn(`waiting for it to end; the same again kills it`));
    if (witness === undefined) {
      task.stop({ signal, grace }).subscribe({ error: failed });
      return;
    }
    // At once: the command may have got the signal already, and may leave others that have their grace as well.
    task.stop({ signal: 0, grace }).subscribe({ error: failed });
    timer(oneRequest).subscribe(() => {
      if (!witness.saw(name)) task.kill(signal, { killMode: 'tree' }).subscribe({ error: killUnlessGone });
    });
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
