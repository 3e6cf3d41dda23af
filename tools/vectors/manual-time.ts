/** Time that stands still until it is let pass. */
import { type SchedulerLike, VirtualAction, VirtualTimeScheduler } from 'rxjs';

export interface ManualTime {
  readonly scheduler: SchedulerLike;
  /** Lets time pass, timer by timer with a rest after each, until it is enough or `most` milliseconds have passed. */
  pass(most: number, atRest: () => Promise<void>, enough: () => boolean): Promise<void>;
}

export const manualTime = (): ManualTime => {
  const scheduler = new VirtualTimeScheduler(VirtualAction, 0);
  return {
    scheduler,
    pass: async (most, atRest, enough) => {
      const end = scheduler.frame + most;
      while (!enough()) {
        // The delay of a virtual action is the moment when it is due.
        const due = scheduler.actions[0]?.delay;
        if (due === undefined || due > end) {
          scheduler.frame = end;
          return;
        }
        scheduler.maxFrames = due;
        scheduler.flush();
        await atRest();
      }
    },
  };
};
