/** Checks the package as users get it: the packed tarball, not the checkout. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensure } from './ensure.mjs';

const passes = (/** @type {string} */ command, /** @type {string[]} */ ...args) =>
  spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;

await ensure();
const folder = mkdtempSync(join(tmpdir(), 'rxshim-pack-'));
const tarball = () => join(folder, readdirSync(folder)[0] ?? '');
// Without scripts: prepack would look at dist once more.
const good =
  passes('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', folder) &&
  passes('publint', 'run', tarball(), '--strict') &&
  passes('attw', tarball(), '--profile', 'esm-only');
rmSync(folder, { recursive: true, force: true });
process.exitCode = good ? 0 : 1;
