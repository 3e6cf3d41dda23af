/** The clock of what is simulated beside the daemon: its timers are not among those that the daemon has left behind. */
import type { Clock } from '../../../src/shim/ttrpc/index.js';
import type { SimScheduler } from '../sim-scheduler.js';

export const worldClock = (scheduler: SimScheduler): Clock => ({
  now: () => scheduler.now(),
  after: (milliseconds, expired) => {
    const timer = scheduler.later(milliseconds, expired);
    return () => timer.unsubscribe();
  },
});
