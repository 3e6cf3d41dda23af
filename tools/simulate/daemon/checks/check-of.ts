/** What a check of the daemon is, and what several of them need. */
import type { CallLog, WorldLog } from '../world-log.js';

/** Says what is wrong, if anything is. */
export type Check = (log: WorldLog) => string | undefined;

/** The first that `broken` says of any, with its name. */
export const first = <T>(among: readonly T[], broken: (one: T) => string | undefined): string | undefined => {
  for (const one of among) {
    const what = broken(one);
    if (what !== undefined) return what;
  }
  return undefined;
};

export const eachCall =
  (broken: (call: CallLog, log: WorldLog) => string | undefined): Check =>
  (log) =>
    first(log.calls, (call) => {
      const what = broken(call, log);
      return what && `call ${call.call}, ${call.name} of c${call.c}: ${what}`;
    });

export const succeeded = ({ heard }: CallLog): boolean => heard?.how === 'ok';
