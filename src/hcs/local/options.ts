/**
 * What can be chosen about a local system, and what holds where nothing was.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { invalid } from '../failures/errors.js';
import type { ProgramDefaults } from './program.js';

export interface LocalOptions {
  /** By default one that no other has. */
  readonly id?: string;
  /**
   * For processes whose document has no `env`; one that has gets exactly that. By default the environment
   * of this process, as it is when the other starts.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What a document's `cwd` is relative to, and the directory without one. By default that of this process. */
  readonly cwd?: string;
  /**
   * Leaves the processes in the process group of this program, as a shell leaves those of a script in its own: the keys of
   * a terminal (Ctrl-C, Ctrl-Z) and its hang-up reach them together with this program, and they may read from it. By
   * default each leads a session of its own and hears nothing of this program's terminal. One that gets a terminal of its
   * own always does. Not on Windows.
   */
  readonly foreground?: boolean;
  /**
   * Leaves the processes running when this program ends. By default they end with it, and all that they have started:
   * after `process.exit`, an error that was not caught, a signal, also SIGKILL.
   */
  readonly detached?: boolean;
}

/** What was chosen, and what holds where nothing was. */
export interface LocalSettings {
  readonly id: string;
  readonly detached: boolean;
  readonly defaults: () => ProgramDefaults;
}

/** @throws RxshimError `invalidArgument` for an option of the wrong type. */
export const settle = ({
  id = `local-${randomUUID()}`,
  env,
  cwd,
  foreground = false,
  detached = false,
}: LocalOptions): LocalSettings => {
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

/**
 * That of this process. One that was deleted has no path any more, but can still be entered and inherited: Linux has a
 * link to it.
 */
const currentDirectory = (): string => {
  try {
    const path = process.cwd();
    // Node remembers the path, also beyond the directory's end.
    if (existsSync(path) || process.platform !== 'linux') return path;
  } catch (cause) {
    if (process.platform !== 'linux') throw invalid('cwd', undefined, 'one that exists', cause);
  }
  return '/proc/self/cwd';
};
