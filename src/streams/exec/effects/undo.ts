/** The start of an init failed: terminates its container, and with it the process. */
import { EMPTY } from 'rxjs';
import { steps } from '../../../operators/steps.js';
import { type ExecEffect, step } from '../ports.js';
import type { Fact } from '../state/fact.js';

/** Leaving the phase cancels this: from then on the task ends the container, and may have removed it already. */
export const undo: ExecEffect = (ports, { failure }) => {
  if (failure === undefined) return EMPTY;
  const { options, policies, scheduler } = ports;
  const { system } = options;
  const { closeTimeout } = policies;
  return steps(
    [
      step(
        ports,
        () => system.terminate(),
        closeTimeout,
        'failed to terminate the container of a failed start',
      ),
      step(ports, () => system.close(), closeTimeout, 'failed to close the container of a failed start'),
    ],
    scheduler,
    (): Fact => ({ type: 'undone', at: scheduler.now() }),
  );
};
