/** The process exists: begins to copy its stdio, and publishes its start event. */
import { EMPTY } from 'rxjs';
import { RxshimError } from '../../../hcs/failures/errors.js';
import { settledTo } from '../../../operators/settled-to.js';
import { errorData } from '../../error-data.js';
import { pullRelay } from '../../stdio/relay/relay.js';
import { startEvent } from '../events.js';
import { type ExecEffect, exitDeadline, type Ports, processOf } from '../ports.js';
import type { Fact } from '../state/fact.js';
import { nameInTask } from '../status.js';

/** Leaving the phase cancels the publication: no exit event would follow the start event. */
export const announce: ExecEffect = (ports, { pid, failure }) => {
  if (failure !== undefined) return EMPTY;
  const { options, isInit, policies, scheduler } = ports;
  const event = startEvent(options, pid);
  return settledTo(
    () => {
      startRelay(ports);
      return options.publish(event);
    },
    (failure): Fact => {
      if (failure === undefined) return announced;
      const error = errorData(failure.kind === 'failed' ? failure.error : timedOut(event.topic));
      return isInit
        ? { type: 'undoing', failure: error }
        : { type: 'announceFailed', failure: error, deadline: exitDeadline(ports) };
    },
    { scheduler, within: policies.publishTimeout },
  );
};

const announced: Fact = { type: 'announced' };

/** Only once: a restored exec is already copying. */
export const startRelay = (ports: Ports): void => {
  const { handles, options, log, policies } = ports;
  const process = processOf(ports);
  const { stdin, stdout, stderr } = process.stdio;
  if (handles.relay !== undefined || !(stdin ?? stdout ?? stderr)) return;
  const start = options.startRelay ?? pullRelay;
  const { taskId, upstream } = options;
  handles.holdRelay(
    start(process, upstream, log, { name: `${taskId}/${nameInTask(options)}`, rest: policies.drain.rest }),
  );
};

const timedOut = (topic: string): RxshimError =>
  new RxshimError('unavailable', `publishing ${topic} took too long`);
