/**
 * Asks a guest for a process: ports first, then the request, then the wait for its end.
 *
 * The guest dials every port before it answers, so the host listens before it asks. What was opened is closed again when
 * there is no process to show for it, or nobody left to show it to.
 */
import { concatMap, defer, finalize, map, type Observable } from 'rxjs';
import type { ComputeProcess } from '../contract/compute-process.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import { bridgeClosed } from './bridge/failures.js';
import { cannotBeExecuted } from './executable-failure.js';
import type { GuestContext } from './guest-context.js';
import { guestProcess } from './guest-process.js';
import { embedded } from './protocol/json.js';
import { offerStdio } from './stdio/offer-stdio.js';

export const executeProcess = (
  guest: GuestContext,
  containerId: string,
  parameters: ProcessParameters,
): Observable<ComputeProcess> =>
  defer(() => {
    const { bridge, transport, nextPort } = guest;
    if (bridge.ended !== undefined) throw bridgeClosed(bridge.ended);
    return offerStdio(parameters, transport, nextPort).pipe(
      concatMap((streams) => {
        let handedOver = false;
        const Settings = {
          ProcessParameters: embedded(parameters),
          VsockStdioRelaySettings: streams.ports,
        };
        return bridge.call('executeProcess', containerId, { Settings }).pipe(
          cannotBeExecuted(),
          map(({ ProcessId }) => {
            handedOver = true;
            return guestProcess(guest, containerId, ProcessId, streams);
          }),
          finalize(() => {
            if (!handedOver) streams.close();
          }),
        );
      }),
    );
  });
