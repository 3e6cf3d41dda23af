/**
 * Serves the bridge protocol on one connection. Every request is answered once, in any order.
 *
 * The invariant: when the connection ends, for whatever reason, everything created over it is ended first, and only
 * then is the result emitted. A host that connects again finds an empty guest, unless the session is kept.
 */
import { asyncScheduler, EMPTY, NEVER, Observable, type SchedulerLike, take } from 'rxjs';
import type { BridgeConnection } from '../hcs/guest/bridge/connection.js';
import { encodeMessage, type Frame, hostLimit } from '../hcs/guest/protocol/frame.js';
import { frames } from '../hcs/guest/protocol/frames.js';
import { hresults } from '../hcs/guest/protocol/hresults.js';
import { requestName, responseTo, typeText } from '../hcs/guest/protocol/message-types.js';
import type { ResponseBase } from '../hcs/guest/protocol/messages.js';
import type { Dial } from './dialer.js';
import type { AgentEngine } from './engine.js';
import { AgentError, agentErrorOf } from './error.js';
import { handlers } from './handlers.js';
import type { Link } from './links.js';
import { type Request, readRequest } from './request/read.js';
import { openSession, type Session } from './session.js';

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

export interface KeptServeOptions extends ServeOptions {
  /** The session that outlives the connection if the host leaves. Absent: nothing outlives it. */
  readonly session?: Session;
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

/** Serves when subscribed to. Emits why it stopped, after everything that is not kept has ended, and completes. */
export const serveAgent = (options: ServeOptions): Observable<Served> => serveKept(options);

/** The same, in a session that may outlive the connection. */
export const serveKept = ({
  connection,
  dial,
  engine,
  stop$ = NEVER,
  scheduler = asyncScheduler,
  session: kept,
}: KeptServeOptions): Observable<Served> =>
  new Observable((listener) => {
    const session = kept ?? openSession({ engine, dial, scheduler });
    const { links } = session;
    let negotiated = false;
    let over = false;

    const link: Link = {
      send: (bytes) => connection.send(bytes),
      powerOff: () => finish({ reason: 'powerOff' }),
    };
    const send = (frame: Uint8Array): void => {
      // The answer to a request of this connection goes to the next one.
      if (over) links.send(frame);
      else connection.send(frame);
    };

    const finish = (served: Served): void => {
      if (over) return;
      over = true;
      connection.close();
      links.detach(link);
      const isKept = kept !== undefined && (served.reason === 'left' || served.reason === 'error');
      (isKept ? EMPTY : session.end()).subscribe({
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
        const response = encoded({ ...base, ...document });
        send(response.length <= hostLimit ? response : encoded({ ...base, ...refusal(tooLong()) }));
      };
      const encoded = (document: object) => encodeMessage(responseTo(type), id, JSON.stringify(document));
      const refuse = (error: unknown): void => answer(refusal(agentErrorOf(error)));
      const { request, malformed } = tryRead(body);
      activityId = request?.activityId;
      if (name === undefined || (name === 'negotiateProtocol') === negotiated)
        return refuse(notSupported(type));
      if (request === undefined) return refuse(malformed);
      handlers[name](session, request)
        .pipe(take(1))
        .subscribe({
          next: (fields) => {
            answer(fields);
            if (name !== 'negotiateProtocol') return;
            negotiated = true;
            links.ready();
          },
          error: refuse,
        });
    };

    links.attach(link);
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

/** Whether a request is supported is answered before whether it can be read. */
const tryRead = (body: Uint8Array): { readonly request?: Request; readonly malformed?: unknown } => {
  try {
    return { request: readRequest(body) };
  } catch (malformed) {
    return { malformed };
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
const tooLong = (): AgentError =>
  new AgentError(hresults.fail, 'the answer exceeds the maximum size of a message');
