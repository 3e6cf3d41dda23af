/**
 * The document of a process beside the init, as the runtime takes it.
 */

import type { ProcessSpec } from '../../contract/process-spec.js';
import { invalid } from '../../failures/errors.js';

/**
 * A whole OCI process goes through as it is. One without a `cwd`, which is none, is short for the init's own with other
 * words, as on the runtime's command line: what it leaves out is taken from there, save for the terminal.
 *
 * @throws RxshimError `invalidArgument` for what is no process.
 */
export const execDocument = (spec: ProcessSpec | undefined, ofInit: ProcessSpec): ProcessSpec => {
  if (typeof spec !== 'object' || spec === null) throw invalid('OciProcess', spec, 'a process');
  if (spec.cwd !== undefined) return spec;
  const { terminal: _, consoleSize: __, ...rest } = ofInit;
  return { cwd: '/', ...rest, ...spec };
};
