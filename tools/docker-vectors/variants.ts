/** In how many ways one recorded life is served. */
import type { Traffic } from './lives.js';

export type Variant =
  | { readonly kind: 'recorded' }
  /** Each frame in many small pieces. */
  | { readonly kind: 'slower' }
  /** All that can be is in one piece. */
  | { readonly kind: 'faster' }
  /** The connection is cut off after so many frames. */
  | { readonly kind: 'cut'; readonly after: number }
  /** The daemon goes away after so many frames, and comes back. */
  | { readonly kind: 'restart'; readonly after: number };

export const variantText = (variant: Variant): string =>
  'after' in variant ? `${variant.kind} after ${variant.after} frames` : variant.kind;

/** A long stream is cut at so many of its frames. */
const maxCuts = 6;

export const variantsOf = (traffic: readonly Traffic[], canReturn: boolean): readonly Variant[] => {
  const frames = traffic.filter(({ dir }) => dir === 'in').length;
  const places = Array.from({ length: frames + 1 }, (_, at) => at);
  const step = Math.ceil(places.length / maxCuts);
  const cuts = places.filter((at) => at % step === 0);
  return [
    { kind: 'recorded' },
    { kind: 'slower' },
    { kind: 'faster' },
    ...cuts.map((after): Variant => ({ kind: 'cut', after })),
    ...(canReturn ? [{ kind: 'restart', after: cuts[Math.floor(cuts.length / 2)] ?? 0 } as const] : []),
  ];
};
