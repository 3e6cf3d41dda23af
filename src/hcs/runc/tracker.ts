/**
 * Tracks the processes of a container, from its init until none of them runs any more.
 *
 * The invariant: `exit$` emits `ended` once, after the exits of the init and of every exec have been emitted.
 */
import { AsyncSubject, type Observable } from 'rxjs';
import type { SystemExit } from '../contract/compute-system.js';
import type { Launched } from '../native/process/launched.js';

/** How long killed processes may take to end, in milliseconds. Only a hanging device takes longer. */
const killTimeout = 10_000;

export interface ProcessTracker {
  readonly exit$: Observable<SystemExit>;
  /** `undefined` until it is created. */
  readonly init: () => Launched | undefined;
  readonly initEnded: () => boolean;
  /** After the init has ended, `cleanUp` must end what it settled behind and call back. */
  trackInit(init: Launched, cleanUp: (done: () => void) => void): void;
  track(launched: Launched): void;
  /** Completes `exit$`: for a container that has no init to wait for, or is closed. */
  settle(exit: SystemExit): void;
}

export const processTracker = (): ProcessTracker => {
  const exit$ = new AsyncSubject<SystemExit>();
  const execs = new Set<Launched>();
  let init: Launched | undefined;
  let initEnded = false;
  let cleared = false;
  let settled = false;

  const settle = (exit: SystemExit): void => {
    if (settled) return;
    settled = true;
    exit$.next(exit);
    exit$.complete();
  };

  const settleIfEmpty = (): void => {
    if (cleared && execs.size === 0) settle({ reason: 'ended' });
  };

  const clear = (): void => {
    cleared = true;
    settleIfEmpty();
    if (settled) return;
    const timer = setTimeout(() => settle({ reason: 'ended' }), killTimeout);
    exit$.subscribe(() => clearTimeout(timer));
  };

  return {
    exit$: exit$.asObservable(),
    init: () => init,
    initEnded: () => initEnded,
    trackInit: (launched, cleanUp) => {
      init = launched;
      launched.exit$.subscribe(() => {
        initEnded = true;
        // This is the first subscriber to the exit. setImmediate lets the others see the exit of the process before
        // that of the container.
        setImmediate(() => cleanUp(clear));
      });
    },
    track: (launched) => {
      execs.add(launched);
      launched.exit$.subscribe(() => {
        execs.delete(launched);
        setImmediate(settleIfEmpty);
      });
    },
    settle,
  };
};
