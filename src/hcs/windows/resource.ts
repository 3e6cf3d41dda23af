/**
 * A handle of the Host Compute Service, or of the kernel, closed once and never used after.
 *
 * A native call that was given up goes on with the handles it was given; to close one under it brings the service's
 * library down. So every call holds its handles until it has really returned, and closing waits for the last of them.
 */
import { AsyncSubject, type Observable } from 'rxjs';
import type { Act } from '../contract/compute-process.js';
import { hcsSentinelError } from '../failures/sentinels.js';

export interface Resource {
  /** Whether `close` was called: no new call may begin. */
  readonly closed: boolean;
  /** @throws the sentinel `alreadyClosed`. The handle is good until the returned function is called, once. */
  hold(): { readonly handle: number; readonly release: () => void };
  /** Closes it when the last call with it has returned. Every call completes when that is done. */
  close(): Act;
}

/**
 * @param closing what closes the handle; begun once, whoever waits for it.
 * @param left called when nobody wants it any more, which may be long before it can be closed.
 */
export const resource = (
  handle: number,
  closing: (handle: number) => Observable<unknown>,
  left: () => void = () => undefined,
): Resource => {
  const gone$ = new AsyncSubject<never>();
  let users = 0;
  let closed = false;
  let begun = false;

  const closeIfIdle = (): void => {
    if (!closed || begun || users > 0) return;
    begun = true;
    // A handle that cannot be closed cannot be closed again either.
    closing(handle).subscribe({ error: () => gone$.complete(), complete: () => gone$.complete() });
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
        left();
        closeIfIdle();
      }
      return gone$;
    },
  };
};
