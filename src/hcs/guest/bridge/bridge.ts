/**
 * The bridge: concurrent requests over one connection, and notifications of the guest.
 *
 * Every request settles: with its answer, or with an error when the bridge ends. A violation of the protocol ends the
 * bridge, because nothing that follows can be trusted. A sent request cannot be cancelled: an unsubscribe only drops
 * its answer.
 *
 * A guest that connects again sends the answers and notifications of its earlier connection on the new one. Ids and
 * activities never coincide between connections, so these messages are recognised and dropped (`onStray`).
 */
import { AsyncSubject, asyncScheduler, Observable, type SchedulerLike } from 'rxjs';
import { RxshimError } from '../../failures/errors.js';
import { noActivity } from '../protocol/constants.js';
import { encodeMessage, type Frame, hostLimit } from '../protocol/frame.js';
import { frames } from '../protocol/frames.js';
import type { Fields } from '../protocol/json.js';
import {
  containerNotification,
  kindOfMessage,
  messageKind,
  type RequestName,
  requestTypes,
  typeText,
} from '../protocol/message-types.js';
import type { RequestFields, ResponseBase, ResponseFields } from '../protocol/messages.js';
import { readNotification, readResponse } from '../protocol/read-response.js';
import { spanContext } from '../protocol/span-context.js';
import type { BridgeConnection } from './connection.js';
import { deadlinesOf } from './deadlines.js';
import { type BridgeEnd, bridgeClosed, guestFailure } from './failures.js';
import { idsOfConnection, newFirstId } from './request-ids.js';

/** The timeout of a request. */
export interface CallTerms {
  /** An unsubscribe removes the timeout. Other requests keep it, because their answer must come. */
  readonly cancellable?: boolean;
  /** No timeout. */
  readonly unbounded?: boolean;
  /** The activity of the request, which its answer and the notifications about what it created repeat. */
  readonly activity?: string;
  /** An id from `reserveId`. Default: the next one. */
  readonly id?: bigint;
}

export interface Bridge {
  /**
   * Sends a request when subscribed to, and emits the answer. Errors with the guest's refusal, or when the bridge ends.
   */
  call<N extends RequestName>(
    name: N,
    containerId: string,
    fields: RequestFields[N],
    terms?: CallTerms,
  ): Observable<ResponseBase & ResponseFields[N]>;
  /**
   * Emits and completes when the guest notifies the end of the container. Completes without a value when the bridge
   * ends. Watches from this call on, not from the subscription.
   * @param activity of the request that creates the container: a notification with another one is of an earlier
   * container with this id. Default: any.
   * @throws RxshimError `alreadyExists` while the id is taken.
   */
  containerEnd(containerId: string, activity?: string): ContainerWatch;
  /** An id for a later `call`, so that it can be recorded before the request is sent. */
  reserveId(): bigint;
  /**
   * Emits the answer to a request of an earlier connection, which the guest may send on this one, whatever its result.
   * Completes without a value when the bridge ends. Watches from this call on, not from the subscription.
   */
  answerTo(id: bigint): Observable<ResponseBase & Fields>;
  /** Emits once, also to late subscribers. */
  readonly end$: Observable<BridgeEnd>;
  /** Why the bridge has ended. */
  readonly ended: BridgeEnd | undefined;
  close(): void;
}

export interface ContainerWatch {
  readonly ended$: Observable<void>;
  /** Releases the id of a container that was not created. */
  forget(): void;
}

export interface BridgeOptions {
  readonly scheduler?: SchedulerLike;
  /** The id of the first request. Default: greater than all ids of earlier connections. */
  readonly firstId?: bigint;
  /** Called for each message of an earlier connection. It is dropped. */
  readonly onStray?: (what: string) => void;
}

/** In milliseconds. A guest that does not answer a request for so long counts as lost. */
const answerTimeout = 5 * 60_000;

interface Watched {
  readonly ended$: AsyncSubject<void>;
  readonly activity: string | undefined;
  ended: boolean;
}

interface Pending {
  answered(response: ResponseBase & Fields): void;
  failed(error: unknown): void;
}

export const openBridge = (
  connection: BridgeConnection,
  { scheduler = asyncScheduler, firstId = newFirstId(), onStray = () => undefined }: BridgeOptions = {},
): Bridge => {
  const pending = new Map<bigint, Pending>();
  // An id stays taken after its container has ended, because the guest notifies each id only once.
  const containers = new Map<string, Watched>();
  const end$ = new AsyncSubject<BridgeEnd>();
  let ended: BridgeEnd | undefined;
  let nextId = firstId;

  const deadlines = deadlinesOf(scheduler, answerTimeout, (what) =>
    end({ by: 'error', error: unexpected(`no answer in time, to ${what}`) }),
  );

  const end = (how: BridgeEnd): void => {
    if (ended !== undefined) return;
    ended = how;
    deadlines.close();
    connection.close();
    const error = bridgeClosed(how);
    // Processes are notified before their containers, since each knows its own outcome best.
    for (const call of [...pending.values()]) call.failed(error);
    pending.clear();
    for (const { ended$ } of [...containers.values()]) ended$.complete();
    containers.clear();
    end$.next(how);
    end$.complete();
  };

  const answer = ({ id, body }: Frame): void => {
    const call = pending.get(id);
    if (call === undefined) {
      if (id >= firstId && id < nextId + idsOfConnection)
        throw unexpected(`an answer to no request, with id ${id}`);
      return onStray(`an answer to request ${id} of another connection`);
    }
    const response = readResponse(body);
    pending.delete(id);
    call.answered(response);
  };

  const notify = ({ type, body }: Frame): void => {
    if (type !== containerNotification) throw unexpected(`an unknown notification, ${typeText(type)}`);
    const { ContainerId: id, ActivityId } = readNotification(body);
    const container = containers.get(id);
    const isOther = container !== undefined && differ(container.activity, ActivityId);
    if (container === undefined || isOther) {
      return onStray(`the end of container ${id} of another connection`);
    }
    if (container.ended) throw unexpected(`the end of a container that does not run, ${id}`);
    container.ended = true;
    container.ended$.next();
    container.ended$.complete();
  };

  const receive = (frame: Frame): void => {
    // Frames received together with the one that ended the bridge.
    if (ended !== undefined) return;
    try {
      const kind = kindOfMessage(frame.type);
      if (kind === messageKind.response) answer(frame);
      else if (kind === messageKind.notification) notify(frame);
      else throw unexpected(`a message that no guest sends, ${typeText(frame.type)}`);
    } catch (error) {
      end({ by: 'error', error });
    }
  };

  const reserveId = (): bigint => {
    const id = nextId;
    nextId += 1n;
    return id;
  };

  const call: Bridge['call'] = (name, containerId, fields, terms = {}) =>
    new Observable((listener) => {
      if (ended !== undefined) return listener.error(bridgeClosed(ended));
      const { cancellable = false, unbounded = false, activity = noActivity } = terms;
      const what = containerId === '' ? name : `${name} ${containerId}`;
      const id = terms.id ?? reserveId();
      pending.set(id, {
        answered: (response) => {
          deadlines.remove(id);
          if (response.Result !== 0) return listener.error(guestFailure(what, response));
          listener.next(response as ResponseBase & ResponseFields[typeof name]);
          listener.complete();
        },
        failed: (error) => listener.error(error),
      });
      if (!unbounded) deadlines.add(id, what);
      const base = { ContainerId: containerId, ActivityId: activity, ...spanContext() };
      const text = `${JSON.stringify(Object.assign(base, fields))}\n`;
      connection.send(encodeMessage(requestTypes[name], id, text));
      return () => {
        if (cancellable) deadlines.remove(id);
      };
    });

  connection.received$.pipe(frames(hostLimit)).subscribe({
    next: receive,
    error: (error) => end({ by: 'error', error }),
    complete: () => end({ by: 'guest' }),
  });

  const answerTo: Bridge['answerTo'] = (id) => {
    const answer$ = new AsyncSubject<ResponseBase & Fields>();
    if (ended !== undefined) answer$.complete();
    else
      pending.set(id, {
        answered: (response) => {
          answer$.next(response);
          answer$.complete();
        },
        failed: () => answer$.complete(),
      });
    return answer$;
  };

  return {
    call,
    reserveId,
    answerTo,
    containerEnd: (id, activity) => {
      if (ended !== undefined) throw bridgeClosed(ended);
      if (containers.has(id)) throw new RxshimError('alreadyExists', `container ${id}`);
      const ended$ = new AsyncSubject<void>();
      containers.set(id, { ended$, activity, ended: false });
      return {
        ended$,
        forget: () => {
          if (containers.get(id)?.ended$ === ended$) containers.delete(id);
        },
      };
    },
    end$,
    get ended() {
      return ended;
    },
    close: () => end({ by: 'host' }),
  };
};

/** Whether both are known and differ. A guest need not repeat the activity. */
const differ = (activity: string | undefined, notified: string | undefined): boolean =>
  activity !== undefined && notified !== undefined && notified !== noActivity && notified !== activity;

const unexpected = (what: string): RxshimError =>
  new RxshimError('unavailable', `the guest broke the protocol: ${what}`);
