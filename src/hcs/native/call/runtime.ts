/**
 * Checks that native calls are supported by this runtime and system. Otherwise the first use fails with one typed error
 * and the import with none: Bun would abort within koffi, and Deno would fail in a callback where it cannot be caught.
 */
import { RxshimError } from '../../failures/errors.js';

/** @throws RxshimError `unavailable` in a runtime other than Node. */
export const requireNode = (): void => {
  const { bun, deno } = process.versions;
  const other = bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}` : undefined;
  if (other !== undefined) throw new RxshimError('unavailable', `native calls need Node.js, not ${other}`);
};

/** @throws RxshimError `unavailable` on a system other than Linux, or in a runtime other than Node. */
export const requireLinux = (): void => {
  requireNode();
  if (process.platform !== 'linux')
    throw new RxshimError('unavailable', `native calls need Linux, not ${process.platform}`);
};
