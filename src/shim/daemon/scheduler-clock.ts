/** The daemon's scheduler as the clock of its ttrpc server and client. */
import type { SchedulerLike } from 'rxjs';
import { type Clock, longTimer } from '../ttrpc/index.js';

export const schedulerClock = (scheduler: SchedulerLike): Clock => ({
  now: () => scheduler.now(),
  after: (milliseconds, expired) =>
    longTimer(milliseconds, expired, (delay, fire) => {
      const timer = scheduler.schedule(fire, delay);
      return () => timer.unsubscribe();
    }),
});
