/**
 * Validates the size of a terminal.
 */

import { invalid } from '../failures/errors.js';
import type { ConsoleSize } from './compute-process.js';

/** The default is 0 by 0. @throws RxshimError `invalidArgument` for an invalid size. */
export const consoleSizeOf = (size: ConsoleSize | null | undefined): ConsoleSize => {
  const { width, height } = size ?? { width: 0, height: 0 };
  if (isCells(width) && isCells(height)) return { width, height };
  throw invalid('consoleSize', size, 'a width and a height from 0 to 65535');
};

const isCells = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff;
