/** The options of `rxshim run --all`, validated before anything is started. */

import { refuseOthers } from '../options/refuse-others.js';
import type { RunOptions } from '../options/run-settings.js';
import { badOption } from '../options/usage.js';

export interface SideBySideOptions {
  readonly all?: boolean;
  readonly names?: string;
  readonly killOthers?: string;
}

export interface SideBySide {
  /** A name and a command line of the shell for each. */
  readonly commands: readonly { readonly name: string; readonly line: string }[];
  /** When one has ended so, the others are stopped. */
  readonly killOthers: 'never' | 'always' | 'failure';
}

/** They have one terminal, one stdin and this host in common; what is for one of them alone is refused. */
const forAll = new Set([
  'all',
  'names',
  'killOthers',
  'env',
  'envFile',
  'cwd',
  'user',
  'otlp',
  'traceArguments',
  'logLevel',
  'timeout',
  'stopSignal',
  'stopTimeout',
]);

/** @throws CliError that names the option and its value. */
export const sideBySide = (lines: readonly string[], options: RunOptions & SideBySideOptions): SideBySide => {
  refuseOthers(options, forAll, 'a run without --all');
  const empty = lines.findIndex((line) => line.trim() === '');
  if (empty >= 0)
    throw badOption('COMMAND', lines[empty] as string, "command lines, such as 'npm run watch'");
  const names = options.names?.split(',').map((name) => name.trim()) ?? [];
  if (names.length > lines.length || names.includes(''))
    throw badOption('--names', options.names as string, `up to ${lines.length} names between commas`);
  const { killOthers = 'never' } = options;
  if (killOthers !== 'never' && killOthers !== 'always' && killOthers !== 'failure')
    throw badOption('--kill-others', killOthers, 'always or failure');
  return {
    commands: lines.map((line, index) => ({ line, name: names[index] ?? nameOf(line, index, lines) })),
    killOthers,
  };
};

/** Its first word; with a number where that is not unique. */
const nameOf = (line: string, index: number, lines: readonly string[]): string => {
  const word = (text: string): string => text.trim().split(/\s+/)[0]?.split('/').at(-1)?.slice(0, 16) ?? '';
  const name = word(line);
  const isUnique = lines.filter((other) => word(other) === name).length === 1;
  return isUnique ? name : `${name}-${index + 1}`;
};
