/**
 * Serves the bridge protocol on one connection: every request is answered once, in whatever order they are done.
 *
 * The invariant: when the connection ends, whoever ended it, everything that was made over it is ended too, and only then
 * is the serving over. A host that comes back finds an empty guest.
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
import { type Container, containersOf } from './containers.js';
import type { Dial } from './dialer.js';
import { endProcess, endSystem } from './end-system.js';
import type { GuestEngine } from './guest-engine.js';
import { GuestError, guestErrorOf } from './guest-error.js';
import { handlers } from './handlers.js';
import { processTable } from './process-table.js';
import { readRequest } from './read-request.js';
import type { Session } from './session.js';

export interface ServeOptions {
  readonly connection: BridgeConnection;
  /** How the ports for stdio are reached. */
  readonly dial: Dial;
  readonly engine: GuestEngine;
  /** Ends the serving, and all that was made by it. */
  readonly stop$?: Observable<unknown>;
  readonly scheduler?: SchedulerLike;
}

/** Why the serving of a connection is over: the host left, asked the guest to end, or made no sense; or it was stopped. */
export interface Served {
  readonly reason: 'left' | 'powerOff' | 'error' | 'stopped';
  readonly error?: unknown;
}

/** The most that is taken from a host in one message: it has no limit of its own, but memory has. */
const guestLimit = 64 * 1024 * 1024;

/** Serves when subscribed to; emits how it came to its end when everything has ended, and completes. */
export const serveGuest = ({
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
        error: (error) => answer(refusal(guestErrorOf(error))),
      });
    };

    const handle = (name: RequestName, body: Uint8Array): Observable<object> =>
      handlers[name](session, readRequest(body)).pipe(take(1));

    const receiving = connection.received$.pipe(frames(guestLimit)).subscribe({
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

/** Whom the answer is for, of a request that may be unreadable otherwise. */
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
}: GuestError): Pick<ResponseBase, 'Result' | 'ErrorMessage' | 'ErrorRecords'> => ({
  Result: hresult | 0,
  ErrorMessage: message,
  ErrorRecords: [
    { Result: hresult | 0, Message: message, ModuleName: 'rxshim', FileName: '', Line: 0xffffffff },
  ],
});

const notSupported = (type: number): GuestError =>
  new GuestError(
    hresults.notImplemented,
    `HRESULT 0x${hresults.notImplemented.toString(16)}: bridge: function not supported, header type: ${typeText(type)}`,
  );

// A host takes a longer message for a broken one, and hangs up on all that it has here.
const fits = (response: object): boolean => Buffer.byteLength(JSON.stringify(response)) <= hostLimit - 16;
const tooLong = (): GuestError => new GuestError(hresults.fail, 'the answer is longer than a message may be');

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
