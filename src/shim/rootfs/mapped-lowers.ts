/**
 * Overlays for containers in a user namespace: the image's files belong to root on disk, and must belong to the
 * container's root in the overlay.
 *
 * The directory of the lower layers is mounted a second time, with mapped owners and read-only. The overlay keeps what it
 * was mounted from, so this mount is only needed during the mount call. The upper directory has its final owners already.
 */
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IdMap, mountIdMapped } from '../../hcs/native/mount/idmapped.js';
import { unmountAll } from '../../hcs/native/mount/mount.js';
import { lowerdir, lowersOf } from './overlay-lowers.js';

/** @param mounting gets the option that names the mapped lower directories. */
export const withMappedLowers = async (
  data: string,
  map: IdMap,
  mounting: (lowers: string) => Promise<void>,
): Promise<void> => {
  const lowers = lowersOf(data);
  if (lowers === undefined) throw new Error('the lower directories have no directory in common');
  const { parent, names } = lowers;
  const mapped = mkdtempSync(join(tmpdir(), 'rxshim-idmap-'));
  try {
    await mountIdMapped({ map, source: parent, target: mapped, readOnly: true });
    await mounting(lowerdir(names.map((name) => join(mapped, name))));
  } finally {
    await unmountAll(mapped);
    rmdirSync(mapped);
  }
};
