/**
 * The process document (config.json's `process`) of an exec.
 */

import type { ProcessSpec } from '../../contract/process-spec.js';
import { invalid } from '../../failures/errors.js';

/**
 * A document with a `cwd` is a complete OCI process and is passed on unchanged. One without `cwd`, which OCI requires,
 * is a short form: what it leaves out is taken from the init's document, except for the terminal, as `runc exec` does
 * on its command line.
 *
 * @throws RxshimError `invalidArgument` if it is not an object.
 */
export const execDocument = (spec: ProcessSpec | undefined, ofInit: ProcessSpec): ProcessSpec => {
  if (typeof spec !== 'object' || spec === null) throw invalid('OciProcess', spec, 'a process');
  if (spec.cwd !== undefined) return spec;
  const { terminal: _, consoleSize: __, ...rest } = ofInit;
  return { cwd: '/', ...rest, ...spec };
};
