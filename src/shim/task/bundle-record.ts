/**
 * The records that the shim leaves in a bundle for programs that run after its daemon: how the container was created,
 * to clean up after a crashed daemon, and, once it was deleted, the answer to repeat.
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
 * Records the pid of the init, for the program that reports its exit. The container exists by now: if the pid cannot be
 * written, because the bundle is gone or full, the create is not undone.
 */
export const writePid = (bundle: string, pid: number): void => {
  try {
    writeWhole(join(bundle, pidFile), String(pid));
  } catch {
    // Then its exit cannot be reported after a crash.
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
