/** The variables of `--env` and `--env-file`, in the forms that Docker has. */
import { readFileSync } from 'node:fs';
import { badOption, unreadable } from './usage.js';

/**
 * Those of `--env` win. `undefined` where none was asked for.
 * @throws CliError that names the option; never with the value of a variable, which may be a secret.
 */
export const environmentOf = (
  entries: readonly string[] = [],
  files: readonly string[] = [],
): Readonly<Record<string, string>> | undefined => {
  if (entries.length + files.length === 0) return undefined;
  const env: Record<string, string> = {};
  for (const file of files) {
    linesOf(file).forEach((line, index) => {
      if (line.trim() === '' || line.startsWith('#')) return;
      add(env, line, `--env-file ${file}, line ${index + 1}`);
    });
  }
  for (const entry of entries) add(env, entry, '--env');
  return env;
};

const add = (env: Record<string, string>, entry: string, option: string): void => {
  const at = entry.indexOf('=');
  const name = at < 0 ? entry : entry.slice(0, at);
  if (name === '' || /\s/.test(name)) throw badOption(option, name, 'NAME=value, or the name of a variable');
  // A name alone passes on what this program has.
  const value = at < 0 ? process.env[name] : entry.slice(at + 1);
  if (value !== undefined) env[name] = value;
};

const linesOf = (file: string): readonly string[] => {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch (error) {
    throw unreadable('--env-file', file, error);
  }
};
