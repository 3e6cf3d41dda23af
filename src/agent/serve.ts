/**
 * Serves the bridge protocol on one connection. Every request is answered once, in any order.
 *
 * The invariant: when the connection ends, for whatever reason, everything created over it is ended first, and only
 * then is the result emitted. A host that connects again finds an empty guest.
 */
import { asyncScheduler, defer, merge, NEVER, Observable, type SchedulerLike, take } from 'rxjs';
import type { BridgeConnection } from '../hcs/guest/bridge/connection.js';
import { encodeFrame, type Frame, hostLimit } from '../hcs/guest/protocol/frame.js';
import { frames } from '../hcs/guest/protocol/frames.js';
import { hresults } from '../hcs/guest/protocol/hresults.js';
import {
  containerNotification,
  type RequestName,
  requestName,
  responseTo,
  typeText,
} from '../hcs/guest/protocol/message-types.js';
import type { ContainerNotification, ResponseBase } from '../hcs/guest/protocol/messages.js';
import { endProcess, endSystem } from './container/end.js';
import { type Container, containersOf } from './container/table.js';
import type { Dial } from './dialer.js';
import type { AgentEngine } from './engine.js';
import { AgentError, agentErrorOf } from './error.js';
import { handlers } from './handlers.js';
import { processTable } from './process/table.js';
import { readRequest } from './request/read.js';
import type { Session } from './session.js';

/** Options of `serveAgent`. */
export interface ServeOptions {
  readonly connection: BridgeConnection;
  /** Connects to the host's stdio ports. */
  readonly dial: Dial;
  readonly engine: AgentEngine;
  /** Stops serving, and ends everything that was created. */
  readonly stop$?: Observable<unknown>;
  readonly scheduler?: SchedulerLike;
}

/**
 * Why a connection is no longer served: the host left, asked for a power off, or broke the protocol; or the agent was
 * stopped.
 */
export interface Served {
  readonly reason: 'left' | 'powerOff' | 'error' | 'stopped';
  readonly error?: unknown;
}

/** The maximum size of a message. The host has no limit of its own, but memory has. */
const maxMessageSize = 64 * 1024 * 1024;

/** Serves when subscribed to. Emits why it stopped, after everything has ended, and completes. */
export const serveAgent = ({
  connection,
  dial,
  engine,
  stop$ = NEVER,
  scheduler = asyncScheduler,
}: ServeOptions): Observable<Served> =>
  new Observable((listener) => {
    let negotiated = false;
    let over = false;

    const send = (type: number, id: bigint, document: object): void => {
      if (over) return;
      connection.send(encodeFrame({ type, id, body: Buffer.from(JSON.stringify(document)) }));
    };
    const ended = ({ id, activityId, asked }: Container): void => {
      const notification: ContainerNotification = {
        ContainerId: id,
        ...(activityId !== undefined && { ActivityId: activityId }),
        Type: asked ?? 'UnexpectedExit',
        Operation: 'None',
        Result: 0,
      };
      send(containerNotification, 0n, notification);
    };
    const session: Session = {
      engine,
      dial,
      scheduler,
      containers: containersOf(engine, ended, () => over),
      externals: processTable(),
      over: () => over,
      powerOff: () => finish({ reason: 'powerOff' }),
    };

    const finish = (served: Served): void => {
      if (over) return;
      over = true;
      connection.close();
      endAll(session, scheduler).subscribe({
        complete: () => {
          listener.next(served);
          listener.complete();
        },
      });
    };

    const receive = ({ type, id, body }: Frame): void => {
      if (over) return;
      const name = requestName(type);
      let activityId: string | undefined;
      const answer = (document: object): void => {
        const base: ResponseBase = { Result: 0, ...(activityId !== undefined && { ActivityId: activityId }) };
        const response = { ...base, ...document };
        send(responseTo(type), id, fits(response) ? response : { ...base, ...refusal(tooLong()) });
      };
      defer(() => {
        const request = peeked(body);
        activityId = request?.activityId;
        if (name === undefined || (name === 'negotiateProtocol') === negotiated) throw notSupported(type);
        return handle(name, body);
      }).subscribe({
        next: (fields) => {
          if (name === 'negotiateProtocol') negotiated = true;
          answer(fields);
        },
        error: (error) => answer(refusal(agentErrorOf(error))),
      });
    };

    const handle = (name: RequestName, body: Uint8Array): Observable<object> =>
      handlers[name](session, readRequest(body)).pipe(take(1));

    const receiving = connection.received$.pipe(frames(maxMessageSize)).subscribe({
      next: receive,
      error: (error) => finish({ reason: 'error', error }),
      complete: () => finish({ reason: 'left' }),
    });
    const stopping = stop$.pipe(take(1)).subscribe(() => finish({ reason: 'stopped' }));
    return () => {
      stopping.unsubscribe();
      receiving.unsubscribe();
      finish({ reason: 'left' });
    };
  });

/** Reads the ids of a request that may be malformed otherwise. */
const peeked = (body: Uint8Array) => {
  try {
    return readRequest(body);
  } catch {
    return undefined;
  }
};

const refusal = ({
  hresult,
  message,
}: AgentError): Pick<ResponseBase, 'Result' | 'ErrorMessage' | 'ErrorRecords'> => ({
  Result: hresult | 0,
  ErrorMessage: message,
  ErrorRecords: [
    { Result: hresult | 0, Message: message, ModuleName: 'rxshim', FileName: '', Line: 0xffffffff },
  ],
});

const notSupported = (type: number): AgentError =>
  new AgentError(
    hresults.notImplemented,
    `HRESULT 0x${hresults.notImplemented.toString(16)}: bridge: function not supported, header type: ${typeText(type)}`,
  );

// A host treats a longer message as a protocol error and closes the connection.
const fits = (response: object): boolean => Buffer.byteLength(JSON.stringify(response)) <= hostLimit - 16;
const tooLong = (): AgentError =>
  new AgentError(hresults.fail, 'the answer exceeds the maximum size of a message');

const endAll = ({ containers, externals }: Session, scheduler: SchedulerLike): Observable<never> => {
  const kills = externals.all().map(({ process, close }) => {
    close();
    return endProcess(process, scheduler);
  });
  const ends = containers.all().map(({ system, processes }) => {
    for (const process of processes.all()) process.close();
    return endSystem(system, scheduler);
  });
  return merge(...kills, ...ends);
};
