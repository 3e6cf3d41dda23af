/**
 * Compares lists of lines (events, or calls to a system) and shows a diff.
 */
import { invalid } from '../../hcs/failures/errors.js';
import { differences } from '../marbles/differences.js';
import type { Difference } from './error.js';

const signs = { same: ' ', expected: '-', actual: '+' };

export const sameLines = (
  what: string,
  expected: readonly string[],
  actual: readonly string[],
): Difference | undefined => {
  const rows = differences(expected, actual);
  if (rows.every(({ kind }) => kind === 'same')) return undefined;
  const diff = rows.map(({ kind, item }) => `  ${signs[kind]} ${item}`);
  return { message: [what, '', '  - expected', '  + actual', '', ...diff].join('\n'), expected, actual };
};

/** @throws RxshimError `invalidArgument` unless it is a list of lines. */
export const requireLines = (lines: unknown): void => {
  if (!Array.isArray(lines) || !lines.every((line) => typeof line === 'string'))
    throw invalid('lines', lines, "a list of lines, such as ['0 ms TaskCreate']");
};
