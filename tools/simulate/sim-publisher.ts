/** The publisher of a simulated world: takes events, or, as the scenario says, does not. */
import { Observable } from 'rxjs';
import type { Act } from '../../src/hcs/contract/compute-process.js';
import type { TaskEvent } from '../../src/streams/events.js';
import { execOf, exitedAtIn, pidOf, statusIn } from './event-facts.js';
import type { Faults } from './faults.js';
import type { SimScheduler } from './sim-scheduler.js';
import type { Entry } from './trace.js';

export const simPublisher =
  (faults: Faults, scheduler: SimScheduler, record: (entry: Entry) => void) =>
  (event: TaskEvent): Act => {
    const exec = execOf(event);
    const log = (is: 'attempt' | 'taken'): void =>
      record({
        at: scheduler.now(),
        exec,
        is,
        event: event.type,
        pid: pidOf(event),
        status: statusIn(event),
        exitedAt: exitedAtIn(event),
      });
    const fault = faults.take(exec, `publish ${kindOf(event)}`);
    log('attempt');
    if (fault?.does === 'throws') throw new Error('the publisher throws');
    return new Observable((listener) => {
      // Giving up on a request takes it back, unless it was taken before.
      let given = true;
      const take = (): void => {
        if (!given) return;
        log('taken');
        listener.complete();
      };
      const wait = (then: () => void): void => {
        if (fault === undefined || fault.ms === 0) then();
        else scheduler.later(fault.ms, then);
      };
      switch (fault?.does) {
        case undefined:
        case 'twice':
          take();
          break;
        case 'lies':
          // Its answer is lost on the way, or takes too long: the event has been taken all the same.
          log('taken');
          wait(() => listener.error(new Error('the publisher fails, it says')));
          break;
        case 'fails':
          wait(() => listener.error(new Error('the publisher fails')));
          break;
        case 'hangs':
          break;
        default:
          wait(take);
      }
      return () => {
        given = false;
      };
    });
  };

const kindOf = ({ type }: TaskEvent): 'start' | 'exit' | 'other' =>
  type === 'TaskExit' ? 'exit' : type === 'TaskStart' || type === 'TaskExecStarted' ? 'start' : 'other';
