/**
 * The runtimes and systems that native calls work on. Elsewhere the first use fails with one typed error, and the import
 * with none: Bun would abort in the middle of koffi, and Deno fail in a callback, where nothing can catch it.
 */
import { RxshimError } from '../../failures/errors.js';

/** @throws RxshimError `unavailable` in another runtime than Node, which says so. */
export const requireNode = (): void => {
  const { bun, deno } = process.versions;
  const other = bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}` : undefined;
  if (other !== undefined) throw new RxshimError('unavailable', `native calls need Node.js, not ${other}`);
};

/** @throws RxshimError `unavailable` on another system than Linux, or in another runtime than Node. */
export const requireLinux = (): void => {
  requireNode();
  if (process.platform !== 'linux')
    throw new RxshimError('unavailable', `native calls need Linux, not ${process.platform}`);
};
