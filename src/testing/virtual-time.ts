/**
 * Virtual time for tests that may also await: between one instant and the next, everything that promises have to do is
 * done, as it would be between two timers of the real clock. So `await exec.start()` and `for await (… lines(…))` run in
 * virtual time as Observables do.
 *
 * What waits for the real world (a socket, a file) does not: a story that only such a thing could continue fails. So
 * does one that lets no time pass.
 */
import { VirtualAction, VirtualTimeScheduler } from 'rxjs';
import { diaryOf, moreThan, mostAtOnce, standstill } from '../hcs/simulated/diary.js';
import { nextTimers, nextTurn } from './real-time.js';

export interface VirtualClock {
  readonly scheduler: VirtualTimeScheduler;
  /** Lets time pass until `story` is told and nothing is left to happen. */
  run<T>(story: () => T | PromiseLike<T>, bounds: TimeBounds): Promise<T>;
}

export interface TimeBounds {
  /** The story must be told by then, in milliseconds. */
  readonly until: number;
  /** How long time goes on at the most once the story is told. */
  readonly afterwards: number;
  /** What fails the story from outside, if anything has. */
  failure(): { readonly error: unknown } | undefined;
  /** What a story fails with that is not told, and in one line why. */
  untold(why: string): Error;
}

/** As many empty turns of the event loop mean that nothing will come any more. */
const patience = 200;

/** What goes on for ever when the story is told, such as an interval, gets this many instants. */
const mostAfterwards = 10_000;

export const virtualClock = (): VirtualClock => {
  const scheduler = new VirtualTimeScheduler(VirtualAction, Number.POSITIVE_INFINITY);
  const runInstant = instants(scheduler);
  return {
    scheduler,
    run: async (story, { until, afterwards, failure, untold }) => {
      let told: { readonly value: Awaited<ReturnType<typeof story>> } | undefined;
      let failed: { readonly error: unknown } | undefined;
      let most = until;
      const telling = async (): Promise<void> => {
        try {
          told = { value: (await story()) as Awaited<ReturnType<typeof story>> };
          most = scheduler.now() + afterwards;
        } catch (error) {
          failed = { error };
        }
      };
      void telling();
      let settled = false;
      for (let empty = 0, left = mostAfterwards; ; ) {
        await nextTurn();
        failed ??= failure();
        if (failed !== undefined) throw (failed as { readonly error: unknown }).error;
        // The delay of a virtual action is the moment when it is due.
        const due = scheduler.actions[0]?.delay;
        if (due !== undefined && due <= most && left > 0) {
          empty = 0;
          settled = false;
          if (told !== undefined) left -= 1;
          runInstant(due);
        } else if (!settled) {
          // Errors that nobody takes are told by a timer: they may be why nothing is left to happen.
          settled = true;
          await nextTimers();
        } else if (told !== undefined) return told.value;
        else if (due !== undefined) throw untold(`the story is not told after ${most} ms of virtual time`);
        else if (++empty > patience)
          throw untold(
            `the story waits at ${scheduler.now()} ms of virtual time for what nothing will bring about`,
          );
      }
    },
  };
};

/** Does what is due at an instant, but not for ever: `flush` would not come back from what is always due again. */
const instants = (scheduler: VirtualTimeScheduler): ((due: number) => void) => {
  let count = 0;
  return (due) => {
    if (due > scheduler.frame) count = 0;
    for (let action = scheduler.actions[0]; action?.delay === due; action = scheduler.actions[0]) {
      count += 1;
      if (count > mostAtOnce)
        throw standstill(due, moreThan('actions of the scheduler'), diaryOf(scheduler).last);
      scheduler.actions.shift();
      scheduler.frame = due;
      const error = action.execute(action.state, due);
      if (error) throw error;
    }
  };
};
