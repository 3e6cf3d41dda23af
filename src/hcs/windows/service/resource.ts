/**
 * A handle of the Host Compute Service or the kernel, closed once and never used afterwards.
 *
 * A native call continues after its caller has timed out. Closing a handle during a call crashes the service's library,
 * so every call holds its handles until it has returned, and `close` waits for the last one.
 */
import { AsyncSubject, type Observable } from 'rxjs';
import type { Act } from '../../contract/compute-process.js';
import { hcsSentinelError } from '../../failures/sentinels.js';

export interface Resource {
  /** Whether `close` was called. No new call may start then. */
  readonly closed: boolean;
  /** Holds the handle for a call. It stays valid until `release` is called. @throws the sentinel `alreadyClosed`. */
  hold(): { readonly handle: number; readonly release: () => void };
  /** Closes the handle when the last call with it has returned. Completes when that is done. */
  close(): Act;
}

/**
 * @param closing closes the handle; subscribed to once.
 * @param onClose called on the first `close`, which may be long before the handle can be closed.
 */
export const resource = (
  handle: number,
  closing: (handle: number) => Observable<unknown>,
  onClose: () => void = () => undefined,
): Resource => {
  const closed$ = new AsyncSubject<never>();
  let users = 0;
  let closed = false;
  let isClosing = false;

  const closeIfIdle = (): void => {
    if (!closed || isClosing || users > 0) return;
    isClosing = true;
    // A failed close is not repeated.
    closing(handle).subscribe({ error: () => closed$.complete(), complete: () => closed$.complete() });
  };

  return {
    get closed() {
      return closed;
    },
    hold: () => {
      if (closed) throw hcsSentinelError('alreadyClosed');
      users += 1;
      let held = true;
      return {
        handle,
        release: () => {
          if (!held) return;
          held = false;
          users -= 1;
          closeIfIdle();
        },
      };
    },
    close: () => {
      if (!closed) {
        closed = true;
        onClose();
        closeIfIdle();
      }
      return closed$;
    },
  };
};
