/**
 * What is asked of a simulated system, done well or, as the scenario says, ill: every way in which the contract's own
 * words say that an act may go wrong.
 */
import { Observable, type Subscriber } from 'rxjs';
import { RxshimError } from '../../src/hcs/failures/errors.js';
import type { Fault, Faults } from './faults.js';
import type { SimScheduler } from './sim-scheduler.js';
import type { Entry } from './trace.js';

/** Something that is asked of the container (`exec` is empty then) or of a process. */
export interface Asked<T> {
  readonly exec: string;
  readonly pid: number;
  readonly call: string;
  /** The number of a signal. */
  readonly signal?: number;
  /** Asked of a whole tree. */
  readonly tree?: boolean;
  /** What is done when it is done. An error says that it cannot be done now. */
  readonly effect: () => Error | undefined;
  readonly value?: () => T;
}

export type Perform = <T>(asked: Asked<T>) => Observable<T>;

export const performer =
  (faults: Faults, scheduler: SimScheduler, record: (entry: Entry) => void): Perform =>
  <T>({ exec, pid, call, signal = 0, tree = false, effect, value }: Asked<T>): Observable<T> => {
    const answered = (how: string): void =>
      record({ at: scheduler.now(), exec, is: 'answered', call, pid, how });
    const fault = faults.take(exec === '' ? 't' : exec, call);
    if (fault?.does === 'throws') {
      record({ at: scheduler.now(), exec, is: 'asked', call, pid, signal, tree });
      answered('failed');
      throw new Error(`${call} throws`);
    }
    return new Observable((listener) => {
      record({ at: scheduler.now(), exec, is: 'asked', call, pid, signal, tree });
      const act = (): void => {
        const refusal = effect();
        if (refusal !== undefined) {
          answered('failed');
          return listener.error(refusal);
        }
        answered('done');
        if (value !== undefined) listener.next(value());
        listener.complete();
      };
      if (fault === undefined) return act();
      ill(fault, { call, effect, value, act, answered, listener, scheduler });
    });
  };

interface Illness<T> {
  readonly call: string;
  readonly effect: () => Error | undefined;
  readonly value: (() => T) | undefined;
  /** Does it and answers. */
  readonly act: () => void;
  readonly answered: (how: string) => void;
  readonly listener: Subscriber<T>;
  readonly scheduler: SimScheduler;
}

const notFound = 127;
const notExecutable = 126;

const ill = <T>(
  { does, ms }: Fault,
  { call, effect, value, act, answered, listener, scheduler }: Illness<T>,
): void => {
  const wait = (then: () => void): void => {
    if (ms === 0) then();
    else scheduler.later(ms, then);
  };
  const fail = (why: string): void => {
    answered('failed');
    listener.error(new Error(`${call} ${why}`));
  };
  const say = (how: string, ...values: readonly unknown[]): void => {
    answered(how);
    for (const one of values) listener.next(one as T);
    listener.complete();
  };
  /** Does it, unless that cannot be done now. */
  const done = (): boolean => {
    const refusal = effect();
    if (refusal === undefined) return true;
    answered('failed');
    listener.error(refusal);
    return false;
  };
  switch (does) {
    case 'late':
      return wait(act);
    case 'slow':
      if (!done()) return undefined;
      return wait(() => (value === undefined ? say('done') : say('done', value())));
    case 'hangs':
      return undefined;
    case 'mute':
      effect();
      return undefined;
    case 'fails':
      return wait(() => fail('fails'));
    case 'refuses': {
      const exitStatus = ms % 2 === 0 ? notFound : notExecutable;
      answered(`refused ${exitStatus}`);
      return listener.error(new RxshimError('unknown', call, { exitStatus }));
    }
    case 'lies':
      effect();
      return wait(() => fail('fails, it says'));
    case 'stopped':
      return say('stopped', 'alreadyStopped');
    case 'twice':
      if (!done()) return undefined;
      return value === undefined ? say('done') : say('done', value(), value());
    case 'empty':
      if (!done()) return undefined;
      return say('empty');
    case 'notDelivered':
      return say('notDelivered', 'notDelivered');
    default:
      return say('junk', {});
  }
};
