/**
 * Signals, kills and awaits processes that may be forking.
 */
import { defer, Observable, of } from 'rxjs';
import type { Delivery, ProcessTree } from '../../../contract/compute-process.js';
import { sendSignal, signalNumber } from '../send-signal.js';
import { endMembers } from './end-members.js';
import type { Members } from './members.js';

/** Intervals of the checks whether any process is left, in milliseconds: short at first, then longer. */
const [soon, seldom] = [1, 25];

/**
 * @param end kills them; `members` shows when they have exited.
 * @param leave is called on every subscription to `gone$`, and its result when that ends.
 */
export const processTree = (
  members: Members,
  end: () => void = () => endMembers(members, () => undefined),
  leave: () => () => void = () => () => undefined,
): ProcessTree => ({
  signal: ({ Signal }) => defer(() => of(signalAll(members, signalNumber(Signal)))),
  kill: () =>
    defer(() => {
      const found = isAny(members);
      end();
      return of<Delivery>(found ? 'delivered' : 'notDelivered');
    }),
  gone$: new Observable<undefined>((subscriber) => {
    subscriber.add(leave());
    let timer: NodeJS.Timeout | undefined;
    const look = (wait: number): void => {
      if (members.list().length === 0) {
        subscriber.next(undefined);
        subscriber.complete();
      } else timer = setTimeout(tryLook, wait, Math.min(wait * 2, seldom));
    };
    const tryLook = (wait: number): void => {
      try {
        look(wait);
      } catch (error) {
        subscriber.error(error);
      }
    };
    subscriber.add(() => clearTimeout(timer));
    tryLook(soon);
  }),
});

/** The processes known without reading /proc, if the list cannot be read. */
const isAny = (members: Members): boolean => {
  try {
    return members.list().length > 0;
  } catch {
    return [...members.living].length > 0;
  }
};

/**
 * Signals each process once, including those forked meanwhile.
 *
 * @throws RxshimError the failure, if none could be signalled.
 */
const signalAll = (members: Members, signal: number): Delivery => {
  const asked = new Set<number>();
  let delivered = false;
  let refusal: unknown;
  for (let round = 0; round < maxRounds; round += 1) {
    const next = members.list().filter(({ pid }) => !asked.has(pid));
    if (next.length === 0) break;
    for (const { pid } of next) {
      asked.add(pid);
      try {
        if (sendSignal(pid, signal) === 'delivered') delivered = true;
      } catch (error) {
        refusal = error;
      }
    }
  }
  if (!delivered && refusal !== undefined) throw refusal;
  return delivered ? 'delivered' : 'notDelivered';
};

// A process that keeps forking outruns any number of rounds.
const maxRounds = 10;
