/**
 * Deletes containers that ended and whose bundle is gone: containerd has forgotten them, so no caller will delete them.
 */
import type { Logger } from '../../streams/log.js';
import type { Containers } from '../task/containers.js';

export const sweep = (containers: Containers, bundleExists: (path: string) => boolean, log: Logger): void => {
  for (const container of containers.list()) {
    if (container.task.init.state !== 'exited' || bundleExists(container.bundle)) continue;
    containers.remove(container).subscribe({
      error: (err) => log.warn({ err, id: container.id }, 'failed to delete a container without a bundle'),
    });
  }
};
