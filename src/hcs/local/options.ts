/**
 * What can be chosen about a local system, and what holds where nothing was.
 */
import { randomUUID } from 'node:crypto';
import { invalid } from '../errors.js';
import type { ProgramDefaults } from './program.js';

export interface LocalOptions {
  /** By default one that no other has. */
  readonly id?: string;
  /**
   * For processes whose document has no `env`; one that has gets exactly that, and the mark. By default the environment
   * of this process, as it is when the other starts.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What a document's `cwd` is relative to, and the directory without one. By default that of this process. */
  readonly cwd?: string;
}

/** @throws RxshimError `invalidArgument` for an option of the wrong type. */
export const settle = ({
  id = `local-${randomUUID()}`,
  env,
  cwd,
}: LocalOptions): { readonly id: string; readonly defaults: () => ProgramDefaults } => {
  if (typeof id !== 'string' || id === '') throw invalid('id', id, 'a name');
  if (cwd !== undefined && typeof cwd !== 'string') throw invalid('cwd', cwd, 'a path');
  if (env !== undefined && (typeof env !== 'object' || env === null)) throw invalid('env', env, 'an object');
  return { id, defaults: () => ({ env: env ?? process.env, cwd: cwd ?? process.cwd() }) };
};
