import type { Vector } from './vector.js';

export interface Correction {
  readonly name: string;
  readonly rewrite: (vector: Vector) => Vector;
}

export const corrections: readonly Correction[] = [];
