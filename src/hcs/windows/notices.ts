/**
 * What the service tells of a handle, from threads of its own, at any time: before the call that caused it has
 * returned, twice, and after everything is over.
 *
 * The invariant of a board: each kind of notice is kept, the first of it, until somebody asks; who asks for one that
 * can no longer come is told so.
 */
import { EMPTY, Observable, type Subscriber, throwError } from 'rxjs';
import type { Act } from '../contract/compute-process.js';
import { type HcsSentinel, hcsSentinelError } from '../failures/sentinels.js';
import { hcsStatusError } from '../failures/status-error.js';

export type NoticeKind = 'systemExited' | 'created' | 'started' | 'processExited' | 'serviceDisconnect';

export interface Notice {
  readonly kind: NoticeKind;
  /** What failed, as codes are compared; see `hcs-codes.ts`. */
  readonly code?: number;
  /** The document that came with it. */
  readonly data?: string;
}

export interface NoticeBoard {
  post(notice: Notice): void;
  /** Emits the notice of that kind, which may have come before, and completes. Errors when it cannot come any more. */
  when(kind: NoticeKind): Observable<Notice>;
  /** The handle is closed: nothing is told any more. */
  close(): void;
}

export const noticeBoard = (): NoticeBoard => {
  const posted = new Map<NoticeKind, Notice>();
  const waiting = new Set<{ readonly kind: NoticeKind; readonly listener: Subscriber<Notice> }>();
  let closed = false;

  /** Why a notice of that kind will not come. */
  const obstacle = (kind: NoticeKind): HcsSentinel | undefined => {
    if (posted.has('serviceDisconnect')) return 'unexpectedProcessAbort';
    if (posted.has('systemExited') && kind !== 'systemExited') return 'unexpectedContainerExit';
    return closed ? 'handleClose' : undefined;
  };

  const settle = (): void => {
    for (const wait of [...waiting]) {
      const notice = posted.get(wait.kind);
      const why = obstacle(wait.kind);
      if (notice === undefined && why === undefined) continue;
      waiting.delete(wait);
      if (notice === undefined) wait.listener.error(hcsSentinelError(why as HcsSentinel));
      else {
        wait.listener.next(notice);
        wait.listener.complete();
      }
    }
  };

  return {
    post: (notice) => {
      if (closed || posted.has(notice.kind)) return;
      posted.set(notice.kind, notice);
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

/** Completes when the notice tells of success, else errors with what it tells. */
export const succeeded = ({ code }: Notice): Act =>
  code === undefined ? EMPTY : throwError(() => hcsStatusError(code));
