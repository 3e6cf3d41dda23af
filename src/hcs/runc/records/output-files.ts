/** The files with the output of a recorded container. */
import { existsSync } from 'node:fs';
import { idOf, pathOf } from '../options.js';
import { taskRecords } from './task-records.js';

/**
 * The paths of the output of a container's init, both of which grow while it runs. Absent: there is none.
 * @throws RxshimError `invalidArgument` for an option of the wrong type.
 */
export const outputFiles = ({
  directory,
  id,
}: {
  readonly directory: string;
  readonly id: string;
}): { readonly stdout?: string; readonly stderr?: string } => {
  const { init } = taskRecords(pathOf('directory', directory), idOf(id));
  const [stdout, stderr] = [init.output('stdout'), init.output('stderr')];
  return { ...(existsSync(stdout) && { stdout }), ...(existsSync(stderr) && { stderr }) };
};
