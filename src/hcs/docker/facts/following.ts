/** Follows a stream of a daemon over lost connections, until the container has ended. */
import { Observable, type Subscription } from 'rxjs';
import { kindOf } from '../../failures/errors.js';
import { backoff, pause } from '../../remote/pause.js';
import type { Container } from '../container/container.js';

/**
 * Subscribes to what `open` returns, and again when that has ended or its connection was lost; for the last time after the
 * container has ended. Errors with what is no lost connection, and where the daemon does not come back within
 * `reconnectTimeout`.
 */
export const following = <T>(container: Container, open: () => Observable<T>): Observable<T> =>
  new Observable((listener) => {
    let current: Subscription | undefined;

    const attempt = (): Promise<void> =>
      new Promise((resolve, reject) => {
        current = open().subscribe({
          next: (value) => listener.next(value),
          error: reject,
          complete: resolve,
        });
        // Unsubscribed: it is not waited for.
        current.add(() => resolve());
      });

    const follow = async (): Promise<void> => {
      let next = backoff(50, 2_000);
      let failingSince: number | undefined;
      for (;;) {
        const isLast = container.exit$.isStopped;
        try {
          await attempt();
          failingSince = undefined;
          next = backoff(50, 2_000);
        } catch (error) {
          if (kindOf(error) !== 'unavailable' || isLast) throw error;
          failingSince ??= Date.now();
          if (Date.now() - failingSince > container.reconnectTimeout) throw error;
        }
        if (isLast || listener.closed) return;
        await pause(next());
      }
    };
    follow().then(
      () => listener.complete(),
      (error) => listener.error(error),
    );
    return () => current?.unsubscribe();
  });
