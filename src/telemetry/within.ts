/** Waiting with an end to it. */

/** Resolves with whether `done` was resolved within `ms` milliseconds. Rejects as it does. */
export const within = async (ms: number, done: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
};
