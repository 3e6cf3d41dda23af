/** Waiting for what must come, with an end to it: a session that hangs has failed. */

const timeout = 5_000;

/** The value, or an error that says what did not come. */
export const within = async <T>(what: string, coming: Promise<T>, ms = timeout): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), ms);
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Things that come one by one, kept until somebody asks for them. */
export interface Arrivals<T> {
  arrive(thing: T): void;
  /** The first that fits, as soon as it is there; it is taken out. */
  next(what: string, fits?: (thing: T) => boolean): Promise<T>;
  /** Waits until there is one that fits, and leaves it there. */
  seen(what: string, fits: (thing: T) => boolean): Promise<void>;
  /** What was not requested. */
  left(): readonly T[];
}

export const arrivals = <T>(): Arrivals<T> => {
  const kept: T[] = [];
  const waiting: { fits(thing: T): boolean; take(thing: T): void }[] = [];
  return {
    arrive: (thing) => {
      const index = waiting.findIndex(({ fits }) => fits(thing));
      if (index < 0) kept.push(thing);
      else waiting.splice(index, 1)[0]?.take(thing);
    },
    next: (what, fits = () => true) => {
      const index = kept.findIndex(fits);
      if (index >= 0) return Promise.resolve(kept.splice(index, 1)[0] as T);
      return within(what, new Promise<T>((take) => waiting.push({ fits, take })));
    },
    seen: async (what, fits) => {
      if (kept.some(fits)) return;
      kept.push(await within(what, new Promise<T>((take) => waiting.push({ fits, take }))));
    },
    left: () => kept,
  };
};
