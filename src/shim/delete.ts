/**
 * `delete`: cleans up after a container whose daemon has died, and answers how the container ended, as far as that is known.
 *
 * containerd calls it after every container. If the daemon has left the answer, the launcher prints it; this module handles
 * the other cases, and touches no other container of the group.
 */
import { basename } from 'node:path';
import { catchError, concat, defer, EMPTY, ignoreElements, lastValueFrom } from 'rxjs';
import { statusWhenKilled } from '../hcs/contract/exit-code.js';
import { messageOf } from '../hcs/failures/errors.js';
import { removeContainer } from '../hcs/runc/index.js';
import type { ShimArguments } from './arguments.js';
import { DeleteResponse, toTimestamp } from './messages/index.js';
import { unmountRootfs } from './rootfs/with-rootfs.js';
import { readOptions, readPid } from './task/bundle-record.js';
import { defaultRoot } from './task/container.js';
import { systemClock } from './ttrpc/clock.js';

/** Resolves with the output to print. Cleanup failures are reported on stderr, which containerd logs. */
export const cleanUp = async (given: ShimArguments): Promise<Uint8Array> => {
  const id = given.required('id');
  const bundle = given.flag('bundle') || process.cwd();
  const { root = `${defaultRoot}/${given.required('namespace')}`, ...options } = readOptions(bundle);
  const pid = readPid(bundle);
  const steps = [
    defer(() => removeContainer({ id, root, ...options, bundle })),
    defer(() => unmountRootfs(bundle)),
  ].map((step) =>
    step.pipe(
      ignoreElements(),
      catchError((error) => {
        process.stderr.write(`${basename(bundle)}: ${messageOf(error)}\n`);
        return EMPTY;
      }),
    ),
  );
  await lastValueFrom(concat(...steps), { defaultValue: undefined });
  const response = { pid, exitStatus: statusWhenKilled, exitedAt: toTimestamp(new Date(systemClock.now())) };
  return DeleteResponse.encode(response).finish();
};
