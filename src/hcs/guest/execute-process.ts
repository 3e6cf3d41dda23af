/**
 * Creates a process in a guest: offers the stdio ports, sends the request, then waits for the exit.
 *
 * The guest connects to every port before it answers, so the host listens before it sends the request. Everything is
 * closed again if the request fails or the caller has unsubscribed.
 */
import { randomUUID } from 'node:crypto';
import { concatMap, defer, finalize, map, type Observable, tap } from 'rxjs';
import type { ComputeProcess } from '../contract/compute-process.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import type { Bridge } from './bridge/bridge.js';
import { bridgeClosed } from './bridge/failures.js';
import { cannotBeExecuted } from './executable-failure.js';
import type { GuestContext } from './guest-context.js';
import { guestProcess } from './guest-process.js';
import { embedded } from './protocol/json.js';
import type { StdioPorts } from './protocol/messages.js';
import type { ProcessRecord } from './records/process-record.js';
import { offerStdio } from './stdio/offer-stdio.js';
import { waitForProcess } from './wait-for-process.js';

/** Where the process is recorded for a successor, before it is requested. */
export interface Recording {
  readonly record: ProcessRecord;
  readonly id: string;
  readonly terminal: boolean;
}

export const executeProcess = (
  guest: GuestContext,
  containerId: string,
  parameters: ProcessParameters,
  recording?: Recording,
): Observable<ComputeProcess> =>
  defer(() => {
    const { bridge, transport, nextPort } = guest;
    if (bridge.ended !== undefined) throw bridgeClosed(bridge.ended);
    return offerStdio(parameters, transport, nextPort).pipe(
      concatMap((streams) => {
        let handedOver = false;
        const { ports } = streams;
        const Settings = { ProcessParameters: embedded(parameters), VsockStdioRelaySettings: ports };
        const record = recording?.record;
        const recorded = recording && recordRequest(recording, bridge, ports);
        return bridge.call('executeProcess', containerId, { Settings }, recorded?.terms).pipe(
          cannotBeExecuted(),
          map(({ ProcessId: pid }) => {
            handedOver = true;
            streams.accept();
            record?.started(pid);
            const wait = { containerId, pid, ...(recorded && { id: recorded.waitId }) };
            const exit = waitForProcess(bridge, wait).pipe(tap((its) => record?.exited(its)));
            return guestProcess(guest, { containerId, pid, streams, exit });
          }),
          // Refused. Without an answer it may run.
          tap({ error: () => bridge.ended === undefined && record?.remove() }),
          finalize(() => {
            if (!handedOver) streams.close();
          }),
        );
      }),
    );
  });

const recordRequest = ({ record, id, terminal }: Recording, bridge: Bridge, ports: StdioPorts) => {
  const [executeId, waitId] = [bridge.reserveId(), bridge.reserveId()];
  const activity = randomUUID();
  record.requested({ id, terminal, ports, activity, executeId: `${executeId}`, waitId: `${waitId}` });
  return { waitId, terms: { id: executeId, activity } };
};
