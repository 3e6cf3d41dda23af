import type { Figure } from './harness.js';
export const relay = async (_quick: boolean): Promise<Figure[]> => [];
