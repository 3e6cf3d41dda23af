/**
 * The bridge: concurrent requests over one connection, and notifications of the guest.
 *
 * Every request settles: with its answer, or with an error when the bridge ends. A violation of the protocol ends the
 * bridge, because nothing that follows can be trusted. A sent request cannot be cancelled: an unsubscribe only drops
 * its answer.
 */
import { AsyncSubject, asyncScheduler, Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { RxshimError } from '../../failures/errors.js';
import { noActivity } from '../protocol/constants.js';
import { encodeFrame, type Frame, hostLimit } from '../protocol/frame.js';
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
import { type BridgeEnd, bridgeClosed, guestFailure } from './failures.js';

/** The timeout of a request. */
export interface CallTerms {
  /** An unsubscribe removes the timeout. Other requests keep it, because their answer must come. */
  readonly cancellable?: boolean;
  /** No timeout. */
  readonly unbounded?: boolean;
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
   * @throws RxshimError `alreadyExists` while the id is taken.
   */
  containerEnd(containerId: string): ContainerWatch;
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
}

/** In milliseconds. A guest that does not answer a request for so long counts as lost. */
const answerTimeout = 5 * 60_000;

interface Pending {
  answered(response: ResponseBase & Fields): void;
  failed(error: unknown): void;
}

export const openBridge = (
  connection: BridgeConnection,
  { scheduler = asyncScheduler }: BridgeOptions = {},
): Bridge => {
  const pending = new Map<bigint, Pending>();
  // An id stays taken after its container has ended, because the guest notifies each id only once.
  const containers = new Map<string, AsyncSubject<void> | undefined>();
  const end$ = new AsyncSubject<BridgeEnd>();
  let ended: BridgeEnd | undefined;
  let nextId = 0n;

  const end = (how: BridgeEnd): void => {
    if (ended !== undefined) return;
    ended = how;
    connection.close();
    const error = bridgeClosed(how);
    // Processes are notified before their containers, since each knows its own outcome best.
    for (const call of [...pending.values()]) call.failed(error);
    pending.clear();
    for (const container of [...containers.values()]) container?.complete();
    containers.clear();
    end$.next(how);
    end$.complete();
  };

  const answer = ({ id, body }: Frame): void => {
    const call = pending.get(id);
    if (call === undefined) throw unexpected(`an answer to no request, with id ${id}`);
    const response = readResponse(body);
    pending.delete(id);
    call.answered(response);
  };

  const notify = ({ type, body }: Frame): void => {
    if (type !== containerNotification) throw unexpected(`an unknown notification, ${typeText(type)}`);
    const id = readNotification(body);
    const container = containers.get(id);
    if (container === undefined) throw unexpected(`the end of a container that does not run, ${id}`);
    containers.set(id, undefined);
    container.next();
    container.complete();
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

  const call: Bridge['call'] = (name, containerId, fields, terms = {}) =>
    new Observable((listener) => {
      if (ended !== undefined) return listener.error(bridgeClosed(ended));
      const { cancellable = false, unbounded = false } = terms;
      const what = containerId === '' ? name : `${name} ${containerId}`;
      let timer: Subscription | undefined;
      const id = nextId;
      nextId += 1n;
      pending.set(id, {
        answered: (response) => {
          timer?.unsubscribe();
          if (response.Result !== 0) return listener.error(guestFailure(what, response));
          listener.next(response as ResponseBase & ResponseFields[typeof name]);
          listener.complete();
        },
        failed: (error) => {
          timer?.unsubscribe();
          listener.error(error);
        },
      });
      if (!unbounded) {
        const late = () => end({ by: 'error', error: unexpected(`no answer in time, to ${what}`) });
        timer = scheduler.schedule(late, answerTimeout);
      }
      const base = { ContainerId: containerId, ActivityId: noActivity, ...spanContext() };
      const body = Buffer.from(`${JSON.stringify(Object.assign(base, fields))}\n`);
      connection.send(encodeFrame({ type: requestTypes[name], id, body }));
      return () => {
        if (cancellable) timer?.unsubscribe();
      };
    });

  connection.received$.pipe(frames(hostLimit)).subscribe({
    next: receive,
    error: (error) => end({ by: 'error', error }),
    complete: () => end({ by: 'guest' }),
  });

  return {
    call,
    containerEnd: (id) => {
      if (ended !== undefined) throw bridgeClosed(ended);
      if (containers.has(id)) throw new RxshimError('alreadyExists', `container ${id}`);
      const ended$ = new AsyncSubject<void>();
      containers.set(id, ended$);
      return {
        ended$,
        forget: () => {
          if (containers.get(id) === ended$) containers.delete(id);
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

const unexpected = (what: string): RxshimError =>
  new RxshimError('unavailable', `the guest broke the protocol: ${what}`);
