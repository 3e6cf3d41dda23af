/**
 * The life of a container: from its init to the moment when nothing of it runs any more.
 *
 * The invariant: `exit$` tells "ended" once, after the exits of the init and of every process beside it were told.
 */
import { AsyncSubject, type Observable } from 'rxjs';
import type { SystemExit } from '../contract/compute-system.js';
import type { Launched } from '../native/process/launched.js';

/** How long what was killed may take to end, in milliseconds: longer only if a device hangs. */
const patience = 10_000;

export interface Life {
  readonly exit$: Observable<SystemExit>;
  /** Absent before there is one. */
  readonly init: () => Launched | undefined;
  readonly initEnded: () => boolean;
  /** When it ends, `afterwards` has to see to what it left behind, and call back. */
  admitInit(init: Launched, afterwards: (done: () => void) => void): void;
  admit(launched: Launched): void;
  /** Without an init there is nothing to wait for. */
  leave(exit: SystemExit): void;
}

export const containerLife = (): Life => {
  const exit$ = new AsyncSubject<SystemExit>();
  const beside = new Set<Launched>();
  let init: Launched | undefined;
  let initEnded = false;
  let cleared = false;
  let left = false;

  const leave = (exit: SystemExit): void => {
    if (left) return;
    left = true;
    exit$.next(exit);
    exit$.complete();
  };

  const leaveIfEmpty = (): void => {
    if (cleared && beside.size === 0) leave({ reason: 'ended' });
  };

  const clear = (): void => {
    cleared = true;
    leaveIfEmpty();
    if (left) return;
    const timer = setTimeout(() => leave({ reason: 'ended' }), patience);
    exit$.subscribe(() => clearTimeout(timer));
  };

  return {
    exit$: exit$.asObservable(),
    init: () => init,
    initEnded: () => initEnded,
    admitInit: (launched, afterwards) => {
      init = launched;
      launched.exit$.subscribe(() => {
        initEnded = true;
        // This is the first subscriber: the others are to hear of the process before they hear of the container.
        setImmediate(() => afterwards(clear));
      });
    },
    admit: (launched) => {
      beside.add(launched);
      launched.exit$.subscribe(() => {
        beside.delete(launched);
        setImmediate(leaveIfEmpty);
      });
    },
    leave,
  };
};
