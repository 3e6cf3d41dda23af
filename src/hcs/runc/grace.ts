/**
 * The grace period of the processes that outlive the init of their container.
 */

export interface Grace {
  /** Starts a grace period. Call the returned function when it is over; repeated calls do nothing. */
  begin(): () => void;
  /** Ends all grace periods, now and for the future. */
  cancel(): void;
  /** Runs `work` once, when no grace period is left; possibly at once. */
  whenOver(work: () => void): void;
}

export const grace = (): Grace => {
  const waits = new Set<object>();
  let isCancelled = false;
  let pending: (() => void) | undefined;
  const proceed = (): void => {
    if (!isCancelled && waits.size > 0) return;
    const work = pending;
    pending = undefined;
    work?.();
  };
  return {
    begin: () => {
      const wait = {};
      waits.add(wait);
      return () => {
        waits.delete(wait);
        proceed();
      };
    },
    cancel: () => {
      isCancelled = true;
      proceed();
    },
    whenOver: (work) => {
      pending = work;
      proceed();
    },
  };
};
