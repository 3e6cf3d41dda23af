/**
 * Creates a process in a guest: offers the stdio ports, sends the request, then waits for the exit.
 *
 * The guest connects to every port before it answers, so the host listens before it sends the request. Everything is
 * closed again if the request fails or the caller has unsubscribed.
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
