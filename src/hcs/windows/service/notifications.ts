/**
 * The notifications of one handle. The service sends them from its own threads at any time: before the call that causes
 * them has returned, twice, or after the handle is closed.
 *
 * The invariant: the first notification of each kind is stored and replayed to later subscribers. A subscriber to a
 * kind that can no longer come gets an error.
 */
import { EMPTY, Observable, type Subscriber, throwError } from 'rxjs';
import type { Act } from '../../contract/compute-process.js';
import { type HcsSentinel, hcsSentinelError } from '../../failures/sentinels.js';
import { hcsStatusError } from '../../failures/status-error.js';

export type NotificationKind = 'systemExited' | 'created' | 'started' | 'processExited' | 'serviceDisconnect';

export interface Notification {
  readonly kind: NotificationKind;
  /** The failure, as a normalised code; see `failures/codes.ts`. */
  readonly code?: number;
  /** The attached document. */
  readonly data?: string;
}

export interface NotificationRegistry {
  add(notification: Notification): void;
  /** Emits the notification of that kind, also if it came before, and completes. Errors if it can no longer come. */
  when(kind: NotificationKind): Observable<Notification>;
  /** Call it when the handle is closed. Later notifications are ignored. */
  close(): void;
}

export const notificationRegistry = (): NotificationRegistry => {
  const received = new Map<NotificationKind, Notification>();
  const waiting = new Set<{ readonly kind: NotificationKind; readonly listener: Subscriber<Notification> }>();
  let closed = false;

  /** The reason why a notification of that kind cannot come any more. */
  const obstacleTo = (kind: NotificationKind): HcsSentinel | undefined => {
    if (received.has('serviceDisconnect')) return 'unexpectedProcessAbort';
    if (received.has('systemExited') && kind !== 'systemExited') return 'unexpectedContainerExit';
    return closed ? 'handleClose' : undefined;
  };

  const settle = (): void => {
    for (const wait of [...waiting]) {
      const notification = received.get(wait.kind);
      const why = obstacleTo(wait.kind);
      if (notification === undefined && why === undefined) continue;
      waiting.delete(wait);
      if (notification === undefined) wait.listener.error(hcsSentinelError(why as HcsSentinel));
      else {
        wait.listener.next(notification);
        wait.listener.complete();
      }
    }
  };

  return {
    add: (notification) => {
      if (closed || received.has(notification.kind)) return;
      received.set(notification.kind, notification);
      settle();
    },
    when: (kind) =>
      new Observable((listener) => {
        const wait = { kind, listener };
        waiting.add(wait);
        listener.add(() => waiting.delete(wait));
        settle();
      }),
    close: () => {
      closed = true;
      settle();
    },
  };
};

/** Completes if the notification reports success, otherwise errors with its code. */
export const succeeded = ({ code }: Notification): Act =>
  code === undefined ? EMPTY : throwError(() => hcsStatusError(code));
