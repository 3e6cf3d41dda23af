/**
 * The parts of a command of the program. A command adds itself to its parent, and loads its implementation only when it
 * is executed: `--help` and other commands must not pay for it.
 */
import type { Command } from 'commander';
import type { Ending } from '../ending.js';

/** Adds one command to its parent. Its action calls `end` with how the program ends; without that it ends with 0. */
export type AddCommand = (parent: Command, end: (ending: Ending) => void) => void;

/** For an option that may be repeated. */
export const several = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];
