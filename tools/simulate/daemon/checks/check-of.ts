/** What a check of the daemon is, and what several of them need. */
import type { CallTold, DaemonTelling } from '../told.js';

/** Says what is wrong, if anything is. */
export type Check = (told: DaemonTelling) => string | undefined;

/** The first that `broken` says of any, with its name. */
export const first = <T>(among: readonly T[], broken: (one: T) => string | undefined): string | undefined => {
  for (const one of among) {
    const what = broken(one);
    if (what !== undefined) return what;
  }
  return undefined;
};

export const eachCall =
  (broken: (call: CallTold, told: DaemonTelling) => string | undefined): Check =>
  (told) =>
    first(told.calls, (call) => {
      const what = broken(call, told);
      return what && `call ${call.call}, ${call.name} of c${call.c}: ${what}`;
    });

export const succeeded = ({ heard }: CallTold): boolean => heard?.how === 'ok';
