/**
 * Virtual time for tests that may also await. Between two instants all pending promises are settled, as between two
 * real timers. So `await exec.start()` and `for await (… lines(…))` run in virtual time as Observables do.
 *
 * The real world (a socket, a file) is not virtual: a test that waits for it fails, as does one that lets no time pass.
 */
import { VirtualAction, VirtualTimeScheduler } from 'rxjs';
import { diaryOf, maxAtOnce, moreThan, standstill } from '../hcs/simulated/diary.js';
import { nextTimers, nextTurn } from './real-time.js';

export interface VirtualClock {
  readonly scheduler: VirtualTimeScheduler;
  /** Lets time pass until `test` has settled and nothing is left to happen. */
  run<T>(test: () => T | PromiseLike<T>, bounds: TimeBounds): Promise<T>;
}

export interface TimeBounds {
  /** The test function must end by then, in milliseconds. */
  readonly until: number;
  /** How long time goes on at end after the test function has ended. */
  readonly afterwards: number;
  /** An error from outside that fails the test, if any. */
  failure(): { readonly error: unknown } | undefined;
  /** Creates the error of a test that does not end, from the reason in one line. */
  unfinished(why: string): Error;
}

/** After this many empty turns of the event loop nothing more will happen. */
const maxEmptyTurns = 200;

/** Work that repeats without end after the test function has ended, such as an interval, gets this many instants. */
const maxInstantsAfterwards = 10_000;

export const virtualClock = (): VirtualClock => {
  const scheduler = new VirtualTimeScheduler(VirtualAction, Number.POSITIVE_INFINITY);
  const runInstant = instants(scheduler);
  return {
    scheduler,
    run: async (test, { until, afterwards, failure, unfinished }) => {
      let outcome: { readonly value: Awaited<ReturnType<typeof test>> } | undefined;
      let failed: { readonly error: unknown } | undefined;
      let end = until;
      const running = async (): Promise<void> => {
        try {
          outcome = { value: (await test()) as Awaited<ReturnType<typeof test>> };
          end = scheduler.now() + afterwards;
        } catch (error) {
          failed = { error };
        }
      };
      void running();
      let settled = false;
      for (let empty = 0, left = maxInstantsAfterwards; ; ) {
        await nextTurn();
        failed ??= failure();
        if (failed !== undefined) throw (failed as { readonly error: unknown }).error;
        // The delay of a virtual action is its due time.
        const due = scheduler.actions[0]?.delay;
        if (due !== undefined && due <= end && left > 0) {
          empty = 0;
          settled = false;
          if (outcome !== undefined) left -= 1;
          runInstant(due);
        } else if (!settled) {
          // Errors without a handler are reported by a timer: they may be why nothing is left to happen.
          settled = true;
          await nextTimers();
        } else if (outcome !== undefined) return outcome.value;
        else if (due !== undefined)
          throw unfinished(`the test has not ended after ${end} ms of virtual time`);
        else if (++empty > maxEmptyTurns)
          throw unfinished(
            `the test waits at ${scheduler.now()} ms of virtual time for something that never happens`,
          );
      }
    },
  };
};

/** Runs the actions due at an instant, but with a limit: `flush` would not return if an action is always due again. */
const instants = (scheduler: VirtualTimeScheduler): ((due: number) => void) => {
  let count = 0;
  return (due) => {
    if (due > scheduler.frame) count = 0;
    for (let action = scheduler.actions[0]; action?.delay === due; action = scheduler.actions[0]) {
      count += 1;
      if (count > maxAtOnce)
        throw standstill(due, moreThan('actions of the scheduler'), diaryOf(scheduler).last);
      scheduler.actions.shift();
      scheduler.frame = due;
      const error = action.execute(action.state, due);
      if (error) throw error;
    }
  };
};
