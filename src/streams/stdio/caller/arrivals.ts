/** In which order bytes came by several streams, and when. */

export interface Stamp {
  /** The same for bytes between which nothing came by another stream; later ones have a higher number. */
  readonly turn: number;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

export interface Arrivals {
  stamp(stream: string): Stamp;
}

export const countArrivals = (now: () => number): Arrivals => {
  let turn = 0;
  let last: string | undefined;
  return {
    stamp: (stream) => {
      if (stream !== last) turn += 1;
      last = stream;
      return { turn, at: now() };
    },
  };
};
