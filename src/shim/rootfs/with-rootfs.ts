/**
 * A container with its root filesystem: mounted before the container is made, unmounted when it is deleted.
 *
 * The invariant: what was mounted here is unmounted on every way out, a mount that failed halfway and a container that
 * could not be made among them.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { catchError, concat, defer, EMPTY, ignoreElements, switchMap, throwError } from 'rxjs';
import type { ComputeSystem } from '../../hcs/compute-system.js';
import { invalid } from '../../hcs/errors.js';
import { unmountAll } from '../../hcs/native/mount.js';
import { carriedOn } from '../../operators/carried-on.js';
import { singleFlight } from '../../operators/single-flight.js';
import { mountOne, type RootfsMount } from './mount-one.js';

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
  const rootfs = join(bundle, 'rootfs');
  const unmounted = defer(() => unmountRootfs(bundle)).pipe(ignoreElements());
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
      defer(() => mountAll(rootfs, mounts)).pipe(
        switchMap(() => system.create?.(parameters, descriptors) ?? EMPTY),
        catchError((error) =>
          concat(
            unmounted.pipe(catchError(() => EMPTY)),
            throwError(() => error),
          ),
        ),
        carriedOn(),
      ),
    delete: () => removed,
  };
};

/** Unmounts the root filesystem of a bundle, whoever mounted it. */
export const unmountRootfs = (bundle: string): Promise<void> => unmountAll(join(bundle, 'rootfs'));

const mountAll = async (rootfs: string, mounts: readonly Mount[]): Promise<void> => {
  mkdirSync(rootfs, { recursive: true, mode: 0o711 });
  for (const mount of mounts) await mountOne(mount, within(rootfs, mount.target));
};

const within = (rootfs: string, target: string): string => {
  const path = join(rootfs, target);
  if (path !== rootfs && !path.startsWith(`${rootfs}/`))
    throw invalid('rootfs.target', target, 'a path in the root filesystem');
  return path;
};
