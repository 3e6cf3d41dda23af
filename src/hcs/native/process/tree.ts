/**
 * Signals, ends and awaits processes that may be starting others.
 */
import { defer, Observable, of } from 'rxjs';
import type { Delivery, ProcessTree } from '../../contract/compute-process.js';
import { endMembers } from './end-members.js';
import type { Members } from './members.js';
import { sendSignal, signalNumber } from './send-signal.js';

/** How often it is looked whether any is left, in milliseconds: soon at first, then ever more seldom. */
const [soon, seldom] = [1, 25];

/**
 * @param end ends them; the members say when they are gone.
 * @param leave is called with every subscription to `gone$`; what it returns, with the end of that.
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

/** Where they cannot be listed, those that are known without a look. */
const isAny = (members: Members): boolean => {
  try {
    return members.list().length > 0;
  } catch {
    return [...members.living].length > 0;
  }
};

/**
 * Signals each once, those as well that others start meanwhile.
 *
 * @throws RxshimError what was in the way, where not one could be signalled.
 */
const signalAll = (members: Members, signal: number): Delivery => {
  const asked = new Set<number>();
  let delivered = false;
  let refusal: unknown;
  for (let round = 0; round < mostRounds; round += 1) {
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

// A process that goes on forking gets ahead of any number of rounds.
const mostRounds = 10;
