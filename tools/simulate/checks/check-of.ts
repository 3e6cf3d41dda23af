/** What a check is, and what most of them need. */
import type { EventEntry, ExecLog, RunLog } from '../run-log.js';

/** Says what is wrong, if anything is. */
export type Check = (log: RunLog) => string | undefined;

/** Of each exec in turn, until one reports a violation. */
export const eachExec =
  (broken: (exec: ExecLog, log: RunLog) => string | undefined): Check =>
  (log) => {
    for (const exec of log.execs) {
      const what = broken(exec, log);
      if (what !== undefined) return `${exec.id}: ${what}`;
    }
    return undefined;
  };

/** Where an exec stood just before something happened. */
export const phaseAt = ({ states }: Pick<ExecLog, 'states'>, place: number): string | undefined =>
  states.filter((state) => state.place < place).at(-1)?.phase;

export const starts = (event: EventEntry): boolean =>
  event.event === 'TaskStart' || event.event === 'TaskExecStarted';
export const exits = (event: EventEntry): boolean => event.event === 'TaskExit';
export const reportsAnEnd = ({ event }: EventEntry): boolean =>
  event === 'TaskExit' || event === 'TaskDelete';
