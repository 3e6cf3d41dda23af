/**
 * `npm run test:windows [-- [--only-wine] NAME…]`: the specs of what is for Windows, or those with one of the names in
 * their path. Those for Linux are also among what `npm test` runs; CI leaves them out here.
 *
 * On Linux under jest, over the double of the Host Compute Service as a shared object; then on Windows' own API: the same
 * files, bundled, in node.exe under Wine, over the double as DLLs, and with them those that need a Windows. What is
 * missing is installed where it may be: Wine and a compiler by apt-get, as root; node.exe and koffi's binary by npm.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build-double.mjs';
import { ensure } from './ensure.mjs';
import { runUnderWine, setUpWine } from './wine.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const onlyWine = process.argv.includes('--only-wine');
const names = process.argv.slice(2).filter((name) => !name.startsWith('--'));

/** Where both are run: `.spec.ts`; on Windows alone: `.windows-spec.ts`. */
const folders = [
  'spec/hcs/windows',
  'spec/hcs/native/windows',
  'spec/hcs/local/windows',
  'spec/streams/stdio/upstream/windows',
];

const files = (/** @type {RegExp} */ pattern) =>
  folders
    .flatMap((folder) => list(folder))
    .filter(
      (file) => pattern.test(file) && (names.length === 0 || names.some((name) => file.includes(name))),
    );

const list = (/** @type {string} */ folder) => {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    );
  } catch {
    return [];
  }
};

await ensure({ build: false });
process.chdir(root);
if (!onlyWine) build('dist-tools/doubles', 'linux');
const both = files(/\.spec\.ts$/);
if (both.length > 0 && !onlyWine) {
  const { status } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      '--runTestsByPath',
      ...both,
    ],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(1);
}
const wine = setUpWine(root);
build('dist-tools/doubles', 'windows');
process.exit((await runUnderWine(wine, root, [...both, ...files(/\.windows-spec\.ts$/)])) ? 0 : 1);
