/**
 * Forwards events to containerd, one call for each, over one connection that is made when it is needed.
 *
 * It tries once. Retries and the order of events are the event queue's.
 */
import type { Socket } from 'node:net';
import { defer, EMPTY, switchMap } from 'rxjs';
import type { Act } from '../../hcs/contract/compute-process.js';
import type { TaskEvent } from '../../streams/events.js';
import { type Any, EventsDefinition, toTimestamp } from '../messages/index.js';
import {
  type Clock,
  metadataOf,
  serviceClient,
  type TtrpcClient,
  TtrpcError,
  ttrpcClient,
} from '../ttrpc/index.js';

/** An event that is ready to be sent. */
export type EncodedEvent = TaskEvent & {
  readonly encoded: Any;
  readonly at: Date;
};

export interface Forwarder {
  readonly forward: (event: EncodedEvent) => Act;
  close(): void;
}

/** Whether an error is containerd's answer. Otherwise the event may never have reached it. */
export const isRefusal = (error: unknown): boolean =>
  !(error instanceof TtrpcError && (error.kind === 'closed' || error.kind === 'deadlineExceeded'));

/** The bound that containerd's own shims keep, in milliseconds. */
const timeout = 5_000;

/** @param connect opens a connection to containerd's ttrpc socket. */
export const forwarder = (connect: () => Socket, namespace: string, clock?: Clock): Forwarder => {
  const metadata = metadataOf({ 'containerd-namespace-ttrpc': namespace });
  let client: TtrpcClient | undefined;

  const connected = (): TtrpcClient => {
    if (client !== undefined) return client;
    const opened = ttrpcClient(connect, clock);
    client = opened;
    void opened.closed.then(() => {
      if (client === opened) client = undefined;
    });
    return opened;
  };

  return {
    forward: ({ topic, encoded, at }) =>
      defer(() => {
        const { forward } = serviceClient(connected(), EventsDefinition, { metadata, timeout });
        return forward({ envelope: { timestamp: toTimestamp(at), namespace, topic, event: encoded } });
      }).pipe(switchMap(() => EMPTY)),
    close: () => client?.close(),
  };
};
