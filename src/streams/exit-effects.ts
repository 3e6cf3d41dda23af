/**
 * The way out of running: who ends the exec, and what happens when nobody says so.
 */
import { type Observable, race } from 'rxjs';
import type { ProcessExit } from '../hcs/compute-process.js';
import { messageOf } from '../hcs/errors.js';
import { unknownExit } from '../hcs/exit-code.js';
import { firstOr } from '../operators/first-or.js';
import { containerExit } from './container-exit.js';
import { brief, type ExecContext, processOf } from './exec-context.js';
import { discarded, givenUp, reported, startFailed } from './exits.js';
import type { Fact } from './reduce.js';

/** Until there is a process, only the container can end an exec. */
export const watchSystem = (exec: ExecContext): void => {
  listen(exec, containerGone(exec));
};

/** Either may be first: the process, or the container under it. */
export const watch = (exec: ExecContext): void => {
  const processDone$ = processDone(exec);
  const containerExit$ = containerGone(exec);
  // The process is asked first: when both are over already, its own end is the truer one.
  listen(exec, race(processDone$, containerExit$));
};

/** When the container was first, or the process was killed, its own end still tells how it went. */
export const awaitExit = (exec: ExecContext): void => {
  listen(exec, processDone(exec));
};

export const kill = (exec: ExecContext): void =>
  brief(exec, () => processOf(exec).kill(), exec.policies.exitTimeout, 'failed to kill the process');

export const expectExit = (exec: ExecContext): void => {
  // The first reason to expect an end sets the bound; further ones must not put it off.
  if (exec.expectingExit) return;
  exec.expectingExit = true;
  const giveUp = (): void => {
    const now = exec.scheduler.now();
    const exit =
      exec.failure === undefined
        ? givenUp('its end was not reported in time', now, exec.forcedStatus)
        : { ...startFailed(exec.failure, now), forced: true };
    exec.post({ type: 'overdue', exit });
  };
  exec.life.add(exec.scheduler.schedule(giveUp, exec.policies.exitTimeout));
};

const statusWhenSystemGone = 1;

/** What is listened to next takes the place of what was. */
const listen = (exec: ExecContext, fact$: Observable<Fact>): void => {
  exec.listening?.unsubscribe();
  exec.listening = fact$.subscribe(exec.post);
};

const containerGone = ({ options, scheduler }: ExecContext): Observable<Fact> =>
  containerExit(options.system, () => ({
    type: 'systemGone',
    exit: discarded(statusWhenSystemGone, scheduler.now()),
  }));

const processDone = (exec: ExecContext): Observable<Fact> =>
  processOf(exec).exit$.pipe(
    firstOr(
      (exit): Fact => {
        exec.log?.debug({ exitCode: exit.kind === 'unknown' ? undefined : exit.code }, 'exited');
        return ended(exec, exit);
      },
      (error): Fact => {
        exec.log?.error({ err: error }, 'failed process Wait');
        return ended(exec, unknownExit(error === undefined ? 'no exit was reported' : messageOf(error)));
      },
    ),
  );

/** A process that was killed because its start could not be told counts as never started, however it ended. */
const ended = ({ failure, scheduler }: ExecContext, exit: ProcessExit): Fact => {
  const now = scheduler.now();
  return {
    type: 'processExited',
    exit: failure === undefined ? reported(exit, now) : startFailed(failure, now),
  };
};
