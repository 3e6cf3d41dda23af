/** The errors of an exec's commands, in the words that containerd's users know from the original. */
import { RxshimError } from '../../hcs/failures/errors.js';
import type { StateName } from './state/lifecycle.js';
import type { ExecIdentity } from './status.js';

const named = ({ id, taskId }: ExecIdentity): string => `exec: '${id}' in task: '${taskId}'`;

export const invalidState = (
  exec: ExecIdentity,
  state: StateName | 'starting',
  operation: string,
): RxshimError =>
  new RxshimError('failedPrecondition', `${named(exec)} is in invalid state: '${state}' for ${operation}`);

export const execNotFound = (exec: ExecIdentity): RxshimError =>
  new RxshimError('notFound', `${named(exec)} not found`);

export const notATty = (exec: ExecIdentity): RxshimError =>
  new RxshimError('failedPrecondition', `${named(exec)} is not a tty`);

export const invalidSignal = (signal: number | string): RxshimError =>
  new RxshimError('failedPrecondition', `signal ${signal}: invalid signal value`, {
    invalid: { field: 'signal', value: signal },
  });
