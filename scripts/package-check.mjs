/**
 * Checks the package as its users get it: the packed tarball, installed beside rxjs in a folder of its own. What it may cost
 * is asserted here, and that it works without the packages of the checkout.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensure } from './ensure.mjs';

/** Megabytes are 10^6 bytes of file contents. */
const limits = { dist: 5, addedPackages: 25, addedMegabytes: 35 };

const root = fileURLToPath(new URL('..', import.meta.url));
const isWindows = process.platform === 'win32';

await ensure();
const scratch = mkdtempSync(join(tmpdir(), 'rxshim-pack-'));
const user = join(scratch, 'user');
try {
  const tarball = pack();
  run('publint', ['run', tarball, '--strict']);
  run('attw', [tarball, '--profile', 'esm-only']);
  const added = install(tarball);
  importsEveryEntry();
  sharesRxjs();
  compilesForUsers();
  if (!isWindows) runsCommands();
  console.log(added);
} catch (error) {
  console.error(`package: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function pack() {
  const megabytes = sizeOf(join(root, 'dist')) / 1e6;
  assert(megabytes <= limits.dist, `dist has ${megabytes.toFixed(1)} MB, more than ${limits.dist}`);
  // Without scripts: prepack would look at dist once more.
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', scratch];
  return join(scratch, run('npm', args).trim().split('\n').at(-1) ?? '');
}

function install(/** @type {string} */ tarball) {
  run('npm', ['init', '--yes', '--silent', '--init-type=module', `--prefix=${user}`]);
  const npm = ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', `--prefix=${user}`];
  // A program that is compiled for Node has its types.
  run('npm', [...npm, 'rxjs@7', '@types/node@20']);
  const before = installed();
  run('npm', [...npm, tarball]);
  const packages = installed().packages - before.packages;
  const megabytes = (installed().bytes - before.bytes) / 1e6;
  const added = `dist: ${(sizeOf(join(root, 'dist')) / 1e6).toFixed(1)} MB; beside rxjs: ${packages} packages, ${megabytes.toFixed(1)} MB`;
  assert(
    packages <= limits.addedPackages && megabytes <= limits.addedMegabytes,
    `too much is installed: ${added}`,
  );
  return added;
}

function installed() {
  const { packages } = JSON.parse(readFileSync(join(user, 'node_modules/.package-lock.json'), 'utf8'));
  const present = Object.keys(packages).filter((path) => existsSync(join(user, path)));
  return { packages: present.length, bytes: sizeOf(join(user, 'node_modules')) };
}

/** @returns {readonly string[]} */
function entries() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => path.replace(/^\./, 'rxshim'));
}

function importsEveryEntry() {
  const imports = entries().map((entry) => `await import('${entry}');`);
  node('--input-type=module', '--eval', imports.join('\n'));
}

/** Half of rxjs is loaded, and it is the program's own: one Observable. */
function sharesRxjs() {
  const program = `
    import assert from 'node:assert/strict';
    import { createRequire } from 'node:module';
    const { runTask } = await import('rxshim');
    const { local } = await import('rxshim/local');
    const { cache } = createRequire(import.meta.url);
    const loaded = Object.keys(cache).filter((path) => path.includes('/rxjs/'));
    assert(loaded.length > 0 && loaded.length < 140, 'modules of rxjs that are loaded: ' + loaded.length);
    const { Observable } = await import('rxjs');
    const task$ = runTask({ id: 't', system: local(), spec: { args: ['true'] } });
    assert(task$ instanceof Observable, 'rxjs is there twice');
  `;
  node('--input-type=module', '--eval', program);
}

/** Declarations may refer to nothing but what has been installed; only the compiler and the types of Node are the checkout's. */
function compilesForUsers() {
  const lines = entries().map(
    (entry, index) => `import * as entry${index} from '${entry}'; void entry${index};`,
  );
  writeFileSync(join(user, 'user.ts'), lines.join('\n'));
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  const lib = ['--lib', 'es2022,esnext.disposable', '--skipLibCheck', 'false', '--ignoreConfig'];
  node(join(root, 'node_modules/typescript/bin/tsc'), ...options, ...lib, 'user.ts');
}

function runsCommands() {
  const rxshim = join(user, 'node_modules/.bin/rxshim');
  const runCommand = (/** @type {string[]} */ ...args) =>
    spawnSync(rxshim, ['run', ...args], {
      cwd: user,
      encoding: 'utf8',
      env: { ...process.env, NODE_PATH: '' },
    });
  assert.deepEqual(outcome(runCommand('--', 'sh', '-c', 'echo hello; exit 3')), [3, 'hello\n', '']);
  const [status, stdout, stderr] = outcome(runCommand('--otlp', 'http://127.0.0.1:9', '--', 'echo', 'hello'));
  assert.deepEqual([status, stdout], [125, '']);
  assert.match(String(stderr), /^rxshim: tracing needs the package @opentelemetry\/sdk-node .*\n$/);
}

function outcome(
  /** @type {import('node:child_process').SpawnSyncReturns<string>} */ { status, stdout, stderr },
) {
  return [status, stdout, stderr];
}

function node(/** @type {string[]} */ ...args) {
  return run(process.execPath, args, user);
}

function run(/** @type {string} */ command, /** @type {readonly string[]} */ args, cwd = root) {
  const shell = isWindows && command !== process.execPath;
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, shell, encoding: 'utf8' });
  if (error !== undefined) throw error;
  assert.equal(status, 0, `${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}

/** @returns {number} */
function sizeOf(/** @type {string} */ path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
