/**
 * What the shim leaves in a bundle for the programs that come after its daemon: how the container was made, for whoever
 * has to clean up after a daemon that died, and, once it was deleted, the answer to give.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeOptions } from '../options/runtime-options.js';

const optionsFile = 'rxshim.json';

/** As containerd's own shims name it. */
const pidFile = 'init.pid';

/** Printed by the launcher as it is, so that a delete with nothing left to do is done by then. */
const responseFile = 'delete.response';

/** An answer that is there already is that of an earlier container in a bundle of the same name. */
export const beginRecord = (bundle: string, options: RuntimeOptions): void => {
  rmSync(join(bundle, responseFile), { force: true });
  writeWhole(join(bundle, optionsFile), JSON.stringify(options));
};

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

/**
 * The number of the init, for whoever has to tell of its end. The container is there by now: that the number cannot be
 * written down, in a bundle that is gone or full, is no reason to undo it.
 */
export const writePid = (bundle: string, pid: number): void => {
  try {
    writeWhole(join(bundle, pidFile), String(pid));
  } catch {
    // Then nobody will be told.
  }
};

/** 0 where there is none. */
export const readPid = (bundle: string): number => {
  try {
    return Number.parseInt(readFileSync(join(bundle, pidFile), 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
};

/** Half a file is never seen. */
const writeWhole = (path: string, content: string | Uint8Array): void => {
  const partial = `${path}.partial`;
  writeFileSync(partial, content, { mode: 0o600 });
  renameSync(partial, path);
};
