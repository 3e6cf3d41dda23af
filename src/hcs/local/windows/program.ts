/**
 * Validates the parameters document and turns it into a program to start.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConsoleSize } from '../../contract/compute-process.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { invalid } from '../../failures/errors.js';

/** The defaults of a document. */
export interface ProgramDefaults {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface Program {
  readonly commandLine: string;
  readonly environment: readonly string[];
  readonly directory: string;
  /** The size of its console, if any. */
  readonly console: ConsoleSize | undefined;
}

/** @throws RxshimError `invalidArgument` that names the field. */
export const programOf = (parameters: ProcessParameters, defaults: ProgramDefaults): Program => {
  const { CommandLine, Environment = {}, WorkingDirectory, EmulateConsole, ConsoleSize: size } = parameters;
  if (typeof CommandLine !== 'string' || CommandLine.trim() === '')
    throw invalid('args', CommandLine, 'a command');
  if (CommandLine.includes('\0')) throw invalid('args', CommandLine, 'text without a NUL character');
  const [height, width] = size ?? [25, 80];
  return {
    commandLine: CommandLine,
    environment: environmentOf(defaults.env, Environment),
    directory: directoryOf(WorkingDirectory, defaults.cwd),
    console: EmulateConsole ? { width, height } : undefined,
  };
};

/** The process gets the host's environment with its own variables on top: Windows programs need some of the former. */
const environmentOf = (
  host: ProgramDefaults['env'],
  own: Readonly<Record<string, string>>,
): readonly string[] => {
  const variables = new Map<string, string>();
  for (const [name, value] of [...Object.entries(host), ...Object.entries(own)]) {
    if (value === undefined) continue;
    const entry = `${name}=${value}`;
    if (entry.includes('\0')) throw invalid('env', entry, 'text without a NUL character');
    // Names are case-insensitive.
    variables.set(name.toUpperCase(), entry);
  }
  return [...variables.keys()].sort().map((name) => variables.get(name) as string);
};

const directoryOf = (directory: string | undefined, base: string): string => {
  const path = resolve(base, directory ?? '');
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw invalid('cwd', path, 'a directory that exists');
};
