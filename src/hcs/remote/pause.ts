/** Waiting, for engines that ask a service again. */

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', settle);
      resolve();
    };
    const timer = setTimeout(settle, ms);
    signal?.addEventListener('abort', settle);
  });

/** How long to wait before each further try, in milliseconds: soon at first, then ever more seldom. */
export const backoff = (soonest: number, longest: number): (() => number) => {
  let next = soonest;
  return () => {
    const now = next;
    next = Math.min(next * 2, longest);
    return now;
  };
};

/** Whether the promise settles within so many milliseconds. Nothing waits any longer when it has. */
export const isSettledWithin = async (promise: PromiseLike<unknown>, ms: number): Promise<boolean> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = (): true => true;
  try {
    return await Promise.race([promise.then(settled, settled), late]);
  } finally {
    clearTimeout(timer);
  }
};
