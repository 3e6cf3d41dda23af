/** The ways out of running: process or container report their exit, or it is no longer expected. */
import { EMPTY, map, type Observable, timer } from 'rxjs';
import { hasCode, unknownExit } from '../../../hcs/contract/exit-code.js';
import { messageOf } from '../../../hcs/failures/errors.js';
import { firstOr } from '../../../operators/first-or.js';
import { immediateValue } from '../../../operators/immediate-value.js';
import { containerExit } from '../engine/container-exit.js';
import { type ExecEffect, exitDeadline, type Ports } from '../ports.js';
import { reported } from '../state/exits.js';
import type { Fact } from '../state/fact.js';
import type { RecordedExit } from '../state/state.js';

export const watchSystem: ExecEffect = (ports): Observable<Fact> =>
  containerExit(ports.options.system, () => ({
    type: 'systemGone',
    at: ports.scheduler.now(),
    deadline: exitDeadline(ports),
  }));

/** However a process is ended, its own report says how it exited. */
export const watchProcess: ExecEffect = ({ handles, log, scheduler }) =>
  handles.process?.exit$.pipe(
    firstOr(
      (exit): Fact => {
        log?.debug({ exitCode: exit.kind === 'unknown' ? undefined : exit.code }, 'exited');
        return { type: 'processExited', exit: reported(exit, scheduler.now()) };
      },
      (error): Fact => {
        log?.error({ err: error }, 'failed process Wait');
        const exit = unknownExit(error === undefined ? 'no exit was reported' : messageOf(error));
        return { type: 'processExited', exit: reported(exit, scheduler.now()) };
      },
    ),
  ) ?? EMPTY;

export const expectExit: ExecEffect = (ports, state) => {
  if (state.exitDeadline === undefined) return EMPTY;
  const { scheduler } = ports;
  return timer(Math.max(0, state.exitDeadline - scheduler.now()), scheduler).pipe(
    map((): Fact => {
      const known = alreadyReported(ports);
      const timedOut = { type: 'timedOut', at: scheduler.now() } as const;
      return known === undefined ? timedOut : { ...timedOut, reported: known };
    }),
  );
};

/** How the process exited, if it did so during the start, when nothing was subscribed. */
const alreadyReported = ({ handles: { process }, scheduler }: Ports): RecordedExit | undefined => {
  const exit = process && immediateValue(process.exit$);
  return exit === undefined || !hasCode(exit) ? undefined : reported(exit, scheduler.now());
};
