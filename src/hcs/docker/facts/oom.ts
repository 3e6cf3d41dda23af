/**
 * Reports that the kernel killed a process of a container because it was out of memory.
 *
 * Docker reports each by an event; Podman marks the container when its first process has ended. The events are followed
 * only for a subscriber.
 */
import { defer, filter, type Observable } from 'rxjs';
import type { Container } from '../container/container.js';
import { containerEvents } from './events.js';

export const containerOom = (container: Container): Observable<void> =>
  defer(() => {
    if (container.phase === 'running') watchOom(container);
    return container.oom$.asObservable();
  });

/** Once the container runs, if there is a listener. */
export const watchOom = (container: Container): void => {
  if (container.oom !== 'unwatched') return;
  container.oom = 'watched';
  containerEvents(container)
    .pipe(filter(({ action }) => action === 'oom'))
    .subscribe({
      next: () => {
        container.oom = 'reported';
        container.oom$.next();
      },
      // An OOM kill that is missed here is found when the first process has ended.
      error: () => undefined,
    });
};
