/**
 * The way out of running: who ends the exec, and what happens when nobody says so.
 */
import { defer, EMPTY, merge, type Observable, race, Subscription } from 'rxjs';
import type { ProcessExit } from '../../hcs/contract/compute-process.js';
import { hasCode, unknownExit } from '../../hcs/contract/exit-code.js';
import { messageOf } from '../../hcs/failures/errors.js';
import { firstOr } from '../../operators/first-or.js';
import { containerExit } from './container-exit.js';
import { brief, type ExecContext, inImpatientTurn, processOf, untilReleased } from './exec-context.js';
import type { ExecExit } from './exec-state.js';
import { discarded, givenUp, reported, startFailed } from './exits.js';
import { deliver } from './kill-command.js';
import type { Fact } from './reduce.js';
import { killProcess } from './tree-end.js';

/**
 * Until it is started, an exec ends with the container, or with the process that was made beforehand. One that never
 * ran keeps its turn to its release.
 */
export const watchUnstarted = (exec: ExecContext): void => {
  const gone$ = containerGone(exec);
  // The process first: when both are over, its own end is the truer one.
  const ended$ = exec.process === undefined ? gone$ : merge(processDone(exec), gone$);
  // There already, for what is over at once releases the exec within its subscription.
  exec.listening = new Subscription();
  const listening = ended$.subscribe((fact) => {
    // Nothing that hangs in its turn may keep it from that: a start that is next would never hear of it.
    if (exec.latest.phase === 'created') exec.inTurn(untilReleased(exec, fact), { patience: 0 }).subscribe();
    else exec.post(fact);
  });
  exec.listening.add(listening);
};

/** Either may be first: the process, or the container under it. */
export const watch = (exec: ExecContext): void => {
  const processDone$ = processDone(exec);
  const containerExit$ = containerGone(exec);
  // The process is asked first: when both are over already, its own end is the truer one.
  listen(exec, race(processDone$, containerExit$));
};

/** However an exec is brought to its end, the process's own report tells how it went. */
export const awaitExit = (exec: ExecContext): void => listen(exec, processDone(exec));

const killFailed = 'failed to kill the process';

/** Unless somebody has killed it already. */
export const kill = (exec: ExecContext): void => {
  if (exec.killed) return;
  brief(exec, () => killProcess(exec), exec.policies.exitTimeout, killFailed);
};

/** A container that goes while its exec is being started has the process killed as soon as that is done, once. */
export const killInTurn = (exec: ExecContext): void => {
  if (exec.killWaits) return;
  exec.killWaits = true;
  const kill$ = defer(() => (exec.latest.state === 'running' ? deliver(exec, { kind: 'kill' }) : EMPTY));
  inImpatientTurn(exec, kill$).subscribe((outcome) => {
    if (typeof outcome === 'object') exec.log?.warn({ err: outcome.error }, killFailed);
  });
};

export const expectExit = (exec: ExecContext): void => {
  // The bound runs from the kill, or from an earlier reason to expect the end; nothing puts it off after the kill, or
  // while there is nothing to kill yet.
  const { phase } = exec.latest;
  const unkillable = exec.killed || phase === 'starting' || phase === 'announcing';
  if (exec.expecting !== undefined && unkillable) return;
  exec.expecting?.unsubscribe();
  const giveUp = (): void => {
    const now = exec.scheduler.now();
    const exit =
      exec.failure === undefined
        ? (known(exec) ?? givenUp('its end was not reported in time', now, exec.forcedStatus))
        : { ...startFailed(exec.failure, now), forced: exec.process !== undefined };
    exec.post({ type: 'overdue', exit });
  };
  exec.expecting = exec.scheduler.schedule(giveUp, exec.policies.exitTimeout);
};

/** How its process ended, if that was reported while it was still being started and nobody listened. */
const known = ({ process, scheduler }: ExecContext): ExecExit | undefined => {
  let exit: ProcessExit | undefined;
  const asking = process?.exit$.subscribe({ next: (told) => (exit ??= told), error: () => undefined });
  asking?.unsubscribe();
  return exit === undefined || !hasCode(exit) ? undefined : reported(exit, scheduler.now());
};

/** What is listened to next takes the place of what was. */
const listen = (exec: ExecContext, fact$: Observable<Fact>): void => {
  exec.listening?.unsubscribe();
  exec.listening = fact$.subscribe(exec.post);
};

const statusWhenSystemGone = 1;

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
