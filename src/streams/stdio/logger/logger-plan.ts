/** Reads the URI of a logging program. */
import { win32 } from 'node:path';
import { RxshimError } from '../../../hcs/failures/errors.js';
import { partsOf } from '../upstream/uri.js';

export interface LoggerPlan {
  readonly kind: 'logger';
  readonly program: string;
  readonly args: readonly string[];
  /** As the caller gave it. */
  readonly given: string;
}

/**
 * The arguments are, for each key of the query, the key and its first value, if that is not empty. They keep their
 * order (the original's is random).
 *
 * @throws RxshimError `invalidArgument`
 * @example loggerPlan('binary:///usr/bin/log?--driver=journal&verbose') // args: --driver journal verbose
 */
export const loggerPlan = (given: string): LoggerPlan => {
  const { path, query } = partsOf('stdout', given);
  if (path === '' || path.includes('\0'))
    throw new RxshimError('invalidArgument', 'no logging driver path provided', invalid(given));
  const values = new URLSearchParams(query);
  const args = [...new Set(values.keys())]
    .flatMap((key) => [key, values.get(key) as string])
    .filter((arg) => arg !== '');
  return {
    kind: 'logger',
    program: process.platform === 'win32' ? windowsProgram(path, given) : path,
    args,
    given,
  };
};

/** A path of a URI begins with a slash, also before a drive; one that begins with two is of another machine. */
export const windowsProgram = (path: string, given: string): string => {
  const cleaned = win32.normalize(path);
  if (cleaned.startsWith('\\\\')) throw new RxshimError('invalidArgument', 'path is unsafe', invalid(given));
  return cleaned.includes(':\\') ? cleaned.replace(/^\\/, '') : cleaned;
};

const invalid = (value: string) => ({ invalid: { field: 'stdout', value } });
