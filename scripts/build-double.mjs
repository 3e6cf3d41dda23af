/**
 * Builds the double of the Host Compute Service: vmcompute and computecore, as shared objects of this Linux or as DLLs.
 * What is there and made from the sources of this moment is left alone.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('../spec/doubles/hcs/', import.meta.url));

const targets = {
  linux: {
    compiler: process.env.CC ?? 'cc',
    flags: ['-fPIC', '-fvisibility=hidden', '-pthread'],
    system: 'os-linux.c',
    libraries: [],
    extension: 'so',
  },
  windows: {
    compiler: 'x86_64-w64-mingw32-gcc',
    flags: ['-static'],
    system: 'os-windows.c',
    libraries: ['-lole32', '-lpthread'],
    extension: 'dll',
  },
};

/** @typedef {keyof typeof targets} Target */

/** What they were made from. */
const source = () => {
  const hash = createHash('sha256');
  for (const name of readdirSync(here).sort()) hash.update(readFileSync(join(here, name)));
  return hash.digest('hex');
};

/** @returns the folder. @throws Error with what the compiler said. */
export const build = (/** @type {string} */ folder, /** @type {Target} */ target) => {
  const { compiler, flags, system, libraries, extension } = targets[target];
  const stamp = join(folder, `${target}.stamp`);
  const current = source();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current) return folder;
  mkdirSync(folder, { recursive: true });
  for (const face of ['vmcompute', 'computecore']) {
    const library = join(folder, `${face}.${extension}`);
    const unfinished = `${library}.${process.pid}`;
    const files = ['text.c', 'faults.c', 'model.c', `${face}.c`, system].map((name) => join(here, name));
    const { status, stderr, error } = spawnSync(
      compiler,
      [
        '-std=gnu11',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-O1',
        '-shared',
        ...flags,
        '-o',
        unfinished,
        ...files,
        ...libraries,
      ],
      { encoding: 'utf8' },
    );
    if (status !== 0)
      throw new Error(`${face} could not be built with ${compiler}: ${error?.message ?? stderr}`);
    // Another process may be doing the same.
    renameSync(unfinished, library);
  }
  writeFileSync(stamp, current);
  return folder;
};
