/** Finding the execs of a task. */
import { invalid } from '../../../hcs/failures/errors.js';
import type { Exec } from '../../exec/interface.js';
import { noSuchExec } from '../errors.js';
import type { TaskLoop } from '../machine.js';
import { initOf } from '../ports.js';

/** The execs other than the init. */
export const execsOf = ({ ports }: TaskLoop): Exec[] => [...ports.handles.execs.values()];

/** An exec by id; the init for an empty one. The init's own id is not the id of an exec. */
export const lookUp = ({ ports }: TaskLoop, execId: string): Exec => {
  if (typeof execId !== 'string') throw invalid('execId', execId, 'the id of an exec (createExec makes one)');
  const exec = execId === '' ? initOf(ports) : ports.handles.execs.get(execId);
  if (exec === undefined) throw noSuchExec(ports.options.id, execId);
  return exec;
};
