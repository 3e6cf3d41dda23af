/**
 * A container with its root filesystem: mounted before the container is made, unmounted when it is deleted.
 *
 * The invariant: what was mounted here is unmounted on every way out, also after a mount that failed halfway or a container
 * that could not be created.
 */
import { mkdirSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { catchError, concat, defer, EMPTY, ignoreElements, switchMap, throwError } from 'rxjs';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { invalid } from '../../hcs/failures/errors.js';
import { unmountAll } from '../../hcs/native/mount/mount.js';
import { singleFlight } from '../../operators/single-flight.js';
import { uninterruptible } from '../../operators/uninterruptible.js';
import { mountOne, type RootfsMount } from './mount-one.js';
import { pathInRoot } from './path-in-root.js';

export interface Mount extends RootfsMount {
  /** A path below the root filesystem; empty for the root itself. */
  readonly target: string;
}

/** The same system, on a root filesystem of these mounts. Without any its bundle is taken as it is. */
export const withRootfs = <S extends ComputeSystem>(
  system: S,
  bundle: string,
  mounts: readonly Mount[],
): S => {
  if (mounts.length === 0) return system;
  /** Where it was mounted. A link in the bundle may have come to lead elsewhere by the time of the deletion. */
  let mounted: string | undefined;
  const unmounted = defer(() => (mounted === undefined ? unmountRootfs(bundle) : unmountAll(mounted))).pipe(
    ignoreElements(),
  );
  const mountedAll = async (): Promise<void> => {
    mounted = makeRootfs(bundle);
    for (const mount of mounts) await mountOne(mount, within(mounted, mount.target));
  };
  // An unmount that takes longer than its caller waits goes on, and is not asked for a second time meanwhile.
  const removed = singleFlight(
    concat(
      defer(() => system.delete?.() ?? EMPTY),
      unmounted,
    ),
  );
  return {
    ...system,
    create: (parameters, descriptors) =>
      defer(mountedAll).pipe(
        switchMap(() => system.create?.(parameters, descriptors) ?? EMPTY),
        catchError((error) =>
          concat(
            unmounted.pipe(catchError(() => EMPTY)),
            throwError(() => error),
          ),
        ),
        uninterruptible(),
      ),
    delete: () => removed,
  };
};

/** Unmounts the root filesystem of a bundle, even if another process mounted it. */
export const unmountRootfs = async (bundle: string): Promise<void> => {
  const rootfs = realPathOf(join(bundle, rootfsName));
  if (rootfs !== undefined) await unmountAll(rootfs);
};

const rootfsName = 'rootfs';

/**
 * A bundle may have a symbolic link in the place of the directory. The bundle is its maker's, no process of the container
 * can change what is in it: so this link is followed, and it is the only one.
 */
const makeRootfs = (bundle: string): string => {
  const path = join(bundle, rootfsName);
  mkdirSync(path, { recursive: true, mode: 0o711 });
  return realpathSync(path);
};

const realPathOf = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

const within = (rootfs: string, target: string): string => {
  if (relative(rootfs, join(rootfs, target)).startsWith('..'))
    throw invalid('rootfs.target', target, 'a path in the root filesystem');
  return pathInRoot(rootfs, target);
};
