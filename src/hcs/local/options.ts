/**
 * The options of a local system and their defaults.
 */
import { existsSync } from 'node:fs';
import { invalid } from '../failures/errors.js';
import { refuseUnknown } from '../failures/refuse-unknown.js';
import type { ProgramDefaults } from './program/program.js';

/** Options of `local`. */
export interface LocalOptions {
  /** A unique one by default. */
  readonly id?: string;
  /**
   * The environment of processes whose document has no `env`. By default that of this process at the time of the start.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The base of a relative `cwd` in a document, and the default directory. By default that of this process. */
  readonly cwd?: string;
  /**
   * Keeps the processes in the process group of this program, as a shell does for a script: terminal keys (Ctrl-C,
   * Ctrl-Z) and hang-up reach them together with this program, and they may read from the terminal. By default each
   * process leads a session of its own, without this program's terminal. A process with its own terminal always does.
   * Not on Windows.
   */
  readonly foreground?: boolean;
  /**
   * Keeps the processes running when this program ends. By default they and their descendants end with it, even after
   * `process.exit`, an uncaught error, or a signal including SIGKILL.
   */
  readonly detached?: boolean;
}

/** The checked options with their defaults. */
export interface LocalSettings {
  readonly id: string;
  readonly detached: boolean;
  readonly defaults: () => ProgramDefaults;
}

/** @throws RxshimError `invalidArgument` for an option of the wrong type. */
export const settle = (options: LocalOptions): LocalSettings => {
  refuseUnknown('', options, ['id', 'env', 'cwd', 'foreground', 'detached']);
  const { id = uniqueId(), env, cwd, foreground = false, detached = false } = options;
  if (typeof id !== 'string' || id === '') throw invalid('id', id, 'a name');
  if (cwd !== undefined && typeof cwd !== 'string') throw invalid('cwd', cwd, 'a path');
  if (env !== undefined && (typeof env !== 'object' || env === null)) throw invalid('env', env, 'an object');
  if (typeof foreground !== 'boolean') throw invalid('foreground', foreground, 'true or false');
  if (typeof detached !== 'boolean') throw invalid('detached', detached, 'true or false');
  return {
    id,
    detached,
    defaults: () => ({ env: env ?? process.env, cwd: cwd ?? currentDirectory(), foreground }),
  };
};

/** A name and no secret, so not by `node:crypto`, which takes 5 ms of processor time to load. */
const uniqueId = (): string => {
  const eightDigits = (): string =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return `local-${Array.from({ length: 4 }, eightDigits).join('')}`;
};

/**
 * The current directory of this process. A deleted one has no path, but can still be entered and inherited by a link in
 * /proc on Linux.
 */
const currentDirectory = (): string => {
  try {
    const path = process.cwd();
    // Node caches the path, even after the directory was deleted.
    if (existsSync(path) || process.platform !== 'linux') return path;
  } catch (cause) {
    if (process.platform !== 'linux') throw invalid('cwd', undefined, 'one that exists', cause);
  }
  return '/proc/self/cwd';
};
