/**
 * Builds the API pages from the entry points of the package, into dist-tools/api. Fails if an exported symbol is not
 * documented, or if a type that one refers to is not exported.
 *
 * TypeDoc needs the JavaScript API of TypeScript 5, which TypeScript 7 does not have. Both come through npx, at fixed versions:
 * as dependencies they would make every install 46 MB larger.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = ['typedoc@0.28.20', 'typescript@5.9.3'];

/** @type {Record<string, string | { types: string }>} */
const exported = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports;
const entries = Object.values(exported).flatMap((entry) =>
  typeof entry === 'string' ? [] : [entry.types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts')],
);
const missing = entries.filter((entry) => !existsSync(join(root, entry)));
if (missing.length > 0) throw new Error(`no source of the entry points ${missing.join(', ')}`);

const packages = tools.flatMap((tool) => ['--package', tool]);
const args = ['--yes', ...packages, 'typedoc', '--options', 'typedoc.json', ...entries];
const { status, stdout, stderr, error } = spawnSync('npx', args, {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
if (error !== undefined) throw error;
if (status !== 0) throw new Error(`typedoc failed:\n${stdout}${stderr}`);

// Members may speak for themselves; what is exported may not.
const undocumented = /\] ([\w/]+\.\w+) \(\w+\), defined in (\S+), does not have any documentation/g;
const unexported =
  /\] (\w+), defined in (\S+), is referenced by (\S+) but not included in the documentation/g;
const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
const output = `${stdout}${stderr}`.replaceAll(escapes, '');
const failures = [
  ...[...output.matchAll(undocumented)].map(([, name, file]) => `${file}: ${name} is not documented`),
  ...[...output.matchAll(unexported)].map(
    ([, name, file, user]) => `${file}: ${name} is not exported, and ${user} refers to it`,
  ),
];
for (const failure of failures) console.error(failure);
console.log(`dist-tools/api: pages of ${entries.length} entry points, ${failures.length} failures`);
process.exitCode = failures.length === 0 ? 0 : 1;
