/** ResizePty and CloseIO: the commands for the stdio of an exec. */
import { defer, EMPTY, ignoreElements, type Observable, takeUntil, throwError } from 'rxjs';
import type { ConsoleSize } from '../../../hcs/contract/compute-process.js';
import { steps } from '../../../operators/steps.js';
import { requireObject, requireUint32 } from '../../arguments.js';
import { notATty } from '../errors.js';
import type { ExecLoop } from '../machine.js';
import { processOf, step } from '../ports.js';
import { exited } from '../source.js';
import { enqueueBriefly } from './queue.js';

export const resizePty = (exec: ExecLoop, asked: ConsoleSize): Observable<never> =>
  defer(() => {
    requireObject('size', asked);
    const { width, height } = asked;
    requireUint32('width', width);
    requireUint32('height', height);
    return enqueueBriefly(exec, () => {
      const { options, handles } = exec.ports;
      if (!options.upstream.terminal) return throwError(() => notATty(options));
      // A terminal may exist before its program starts.
      if (handles.process === undefined || exec.state.state === 'exited') return EMPTY;
      const size = { width: width & 0xffff, height: height & 0xffff };
      return processOf(exec.ports)
        .resizeConsole(size)
        .pipe(ignoreElements(), takeUntil(exited(exec)));
    });
  });

/** Never waits in the queue. */
export const closeIo = ({ ports }: ExecLoop): Observable<never> => {
  const { options, policies, scheduler } = ports;
  const close = () => options.upstream.closeStdin();
  return steps([step(ports, close, policies.closeTimeout, 'failed to close stdin')], scheduler);
};
