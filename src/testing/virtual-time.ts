/**
 * Virtual time for tests that may also await: between one instant and the next, everything that promises have to do is
 * done, as it would be between two timers of the real clock. So `await exec.start()` and `for await (… lines(…))` run in
 * virtual time as Observables do.
 *
 * What waits for the real world (a socket, a file) does not: a story that only such a thing could continue fails.
 */
import { VirtualAction, VirtualTimeScheduler } from 'rxjs';

export interface VirtualClock {
  readonly scheduler: VirtualTimeScheduler;
  /** Lets time pass until `story` is told and nothing is left to happen, but no further than `most` milliseconds. */
  run<T>(story: () => T | PromiseLike<T>, most: number): Promise<T>;
}

/** As many empty turns of the event loop mean that nothing will come any more. */
const patience = 200;

export const virtualClock = (): VirtualClock => {
  const scheduler = new VirtualTimeScheduler(VirtualAction, Number.POSITIVE_INFINITY);
  return {
    scheduler,
    run: async (story, most) => {
      let told: { readonly value: Awaited<ReturnType<typeof story>> } | undefined;
      let failed: { readonly error: unknown } | undefined;
      const telling = async (): Promise<void> => {
        try {
          told = { value: (await story()) as Awaited<ReturnType<typeof story>> };
        } catch (error) {
          failed = { error };
        }
      };
      void telling();
      for (let empty = 0; ; ) {
        await turn();
        if (failed !== undefined) throw (failed as { readonly error: unknown }).error;
        // The delay of a virtual action is the moment when it is due.
        const due = scheduler.actions[0]?.delay;
        if (due !== undefined && due <= most) {
          empty = 0;
          scheduler.maxFrames = due;
          scheduler.flush();
        } else if (told !== undefined) return told.value;
        else if (due !== undefined) throw new Error(`the story is not told after ${most} ms of virtual time`);
        else if (++empty > patience)
          throw new Error(
            `the story waits at ${scheduler.now()} ms of virtual time for what nothing will bring about`,
          );
      }
    },
  };
};

/** Promises and `nextTick` have nothing left to do after it. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
