/**
 * The time that processes have to themselves when the init of their container has ended.
 */

export interface Grace {
  /** Somebody waits for them. To be called, once or more, when that is over. */
  begin(): () => void;
  /** None from now on. */
  deny(): void;
  /** Does it, once, when there is no grace any more; possibly at once. */
  afterwards(work: () => void): void;
}

export const grace = (): Grace => {
  const waits = new Set<object>();
  let isDenied = false;
  let pending: (() => void) | undefined;
  const proceed = (): void => {
    if (!isDenied && waits.size > 0) return;
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
    deny: () => {
      isDenied = true;
      proceed();
    },
    afterwards: (work) => {
      pending = work;
      proceed();
    },
  };
};
