/**
 * What the shim leaves in a bundle for the programs that come after its daemon: how the container was made, for whoever
 * has to clean up after a daemon that died, and, once it was deleted, the answer to give.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeOptions } from '../options/runtime-options.js';

const optionsFile = 'rxshim.json';

/** Printed by the launcher as it is, so that a delete with nothing left to do is done by then. */
const responseFile = 'delete.response';

export const writeOptions = (bundle: string, options: RuntimeOptions): void =>
  writeWhole(join(bundle, optionsFile), JSON.stringify(options));

/** Empty where there are none: the container was never made, or by another shim. */
export const readOptions = (bundle: string): RuntimeOptions => {
  try {
    return JSON.parse(readFileSync(join(bundle, optionsFile), 'utf8'));
  } catch {
    return {};
  }
};

export const writeResponse = (bundle: string, response: Uint8Array): void =>
  writeWhole(join(bundle, responseFile), response);

/** Half a file is never seen. */
const writeWhole = (path: string, content: string | Uint8Array): void => {
  const partial = `${path}.partial`;
  writeFileSync(partial, content, { mode: 0o600 });
  renameSync(partial, path);
};
