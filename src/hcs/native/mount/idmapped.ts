/**
 * Mounts in which the owners of files are mapped (mount_setattr(2) with MOUNT_ATTR_IDMAP), for containers in a user
 * namespace. Made by the helper, see `mount-helper.ts`.
 */
import { RxshimError } from '../../failures/errors.js';
import { nativeError } from '../call/libc.js';
import { runMountHelper } from './mount-helper.js';

/** Ranges `CONTAINER:HOST:SIZE`, separated by commas. */
export interface IdMap {
  readonly uids: string;
  readonly gids: string;
}

export interface IdMappedMount {
  readonly map: IdMap;
  /** The mount at or above it is copied; the copy appears at `target`. */
  readonly source: string;
  readonly target: string;
  /** Includes the mounts below. */
  readonly recursive?: boolean;
  readonly readOnly?: boolean;
}

/** @throws an error with the `code` of the refusal, or RxshimError `unavailable` where there is no helper. */
export const mountIdMapped = async ({
  map,
  source,
  target,
  recursive,
  readOnly,
}: IdMappedMount): Promise<void> => {
  const flags = `-${recursive ? 'r' : ''}${readOnly ? 'o' : ''}`;
  const errno = await runMountHelper('idmap', flags, map.uids, map.gids, source, target);
  if (errno === undefined) throw new RxshimError('unavailable', 'the program for mounts cannot be run');
  if (errno !== 0) throw nativeError('mount_setattr', errno);
};
