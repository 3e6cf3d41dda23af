/**
 * Signals, kills and awaits processes that may be forking.
 */
import { constants } from 'node:os';
import { defer, map, Observable, of, timer } from 'rxjs';
import type { Delivery, ProcessTree } from '../../../contract/compute-process.js';
import { ageOf, catches, type ProcessEntry, waitedForProcessor } from '../proc.js';
import { sendSignal, signalNumber } from '../send-signal.js';
import { endMembers } from './end-members.js';
import type { Members } from './members.js';

const { SIGINT } = constants.signals;

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
  signal: ({ Signal }) => defer(() => signalAll(members, signalNumber(Signal))),
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
 * A child that a signalled process forks may be the work of its signal handler (a trap that cleans up), which must not get the
 * signal. So a process that is found later is left to its parent as long as that lives. Shortly afterwards those whose
 * parent has been ended by the signal are signalled too.
 *
 * SIGINT is another matter, because shells catch it without a trap. One that has only just started is about to fork its first
 * program, and then waits for that program, which has never got the signal. So the children of a process of this age get a
 * SIGINT as well. Between fork and exec the child still has the shell's handler, which does nothing there; afterwards it is
 * signalled again.
 *
 * @throws RxshimError the failure, if none could be signalled.
 */
const signalAll = (members: Members, signal: number): Observable<Delivery> => {
  const asked = new Set<number>();
  /** Those that have only just started, and go on in spite of the signal. */
  const starting = new Set<number>();
  let delivered = false;
  let refusal: unknown;
  const ask = (process: ProcessEntry): void => {
    const { pid } = process;
    asked.add(pid);
    try {
      if (sendSignal(pid, signal) === 'delivered') delivered = true;
      if (signal === SIGINT && isYoung(process) && catches(pid, signal)) starting.add(pid);
    } catch (error) {
      refusal = error;
    }
  };
  /** Returns whether some were left to their parents, or may be forked yet. */
  const askThose = (): boolean => {
    for (let round = 0; round < maxRounds; round += 1) {
      const found = members.list().filter(({ pid }) => !asked.has(pid));
      const next = found.filter(({ parent }) => !asked.has(parent) || starting.has(parent));
      if (next.length === 0) return found.length > 0 || starting.size > 0;
      next.forEach(ask);
    }
    return false;
  };
  const hasLostItsHandler = ({ pid }: ProcessEntry): boolean => starting.has(pid) && !catches(pid, signal);
  const answer = (): Delivery => {
    if (!delivered && refusal !== undefined) throw refusal;
    return delivered ? 'delivered' : 'notDelivered';
  };
  if (!askThose()) return of(answer());
  return timer(timeToEnd).pipe(
    map(() => {
      members.list().filter(hasLostItsHandler).forEach(ask);
      askThose();
      return answer();
    }),
  );
};

// A process that keeps forking outruns any number of rounds.
const maxRounds = 10;

/** How long a process that does not handle the signal may take to end, in milliseconds. */
const timeToEnd = 20;

/** On a busy machine a shell may be old before it has run at all. */
const isYoung = (process: ProcessEntry): boolean =>
  ageOf(process) - waitedForProcessor(process.pid) < timeToStart;

/** How long a shell may take to fork its first program, in milliseconds, without the time in which it had no processor. */
const timeToStart = 100;
