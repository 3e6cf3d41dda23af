/** The work behind ensure.mjs: installs and builds. Each answers with what went wrong, or nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildLauncher } from './build-launcher.mjs';
import { bundleCli } from './bundle-cli.mjs';
import { bundleLibrary } from './bundle-library.mjs';
import { bundleShim } from './bundle-shim.mjs';
import { pruneDist } from './prune-dist.mjs';

export const make = { install, build };

/** @returns {string | undefined} */
function install(/** @type {string} */ root) {
  if (npmHasInstalled(root)) return undefined;
  console.error('rxshim: installing dependencies (npm ci) …');
  // Dev dependencies build and test this checkout, whatever NODE_ENV says.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = run('npm', args, root);
  return npm.status === 0 ? undefined : `npm ci failed: ${reason(npm)}`;
}

/** True after an `npm install` by hand: npm's own record of node_modules agrees with the lockfile. */
function npmHasInstalled(/** @type {string} */ root) {
  const packages = (/** @type {string} */ file) => {
    const path = join(root, file);
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
  };
  const found = packages('node_modules/.package-lock.json');
  return Object.entries(packages('package-lock.json')).every(
    ([path, { version, optional }]) =>
      path === '' || (found[path] ? found[path].version === version : optional === true),
  );
}

/** @returns {string | undefined} */
function build(/** @type {string} */ root) {
  console.error('rxshim: building dist …');
  const dist = join(root, 'dist');
  const fresh = join(root, 'dist.fresh');
  const spent = join(root, 'dist.spent');
  // Built beside dist and then renamed: no process sees half a build, and files removed from src disappear from dist.
  remove(fresh);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const project = join(root, 'tsconfig.build.json');
  const tsc = run(process.execPath, [compiler, '-p', project, '--outDir', fresh], root);
  if (tsc.status !== 0) {
    remove(fresh);
    return `src does not compile, dist stays as it was: ${reason(tsc)}`;
  }
  const failure =
    bundleCli(root, fresh) ?? bundleShim(root, join(fresh, 'shim')) ?? bundleLibrary(root, fresh);
  if (failure !== undefined) {
    remove(fresh);
    return failure;
  }
  buildLauncher(root, join(fresh, 'shim'));
  pruneDist(root, fresh);
  remove(spent);
  if (existsSync(dist)) renameSync(dist, spent);
  renameSync(fresh, dist);
  remove(spent);
  return undefined;
}

function remove(/** @type {string} */ folder) {
  rmSync(folder, { recursive: true, force: true });
}

function run(/** @type {string} */ command, /** @type {string[]} */ args, /** @type {string} */ cwd) {
  // On Windows npm is a .cmd, which only a shell starts.
  const shell = process.platform === 'win32' && command === 'npm';
  return spawnSync(command, args, { cwd, shell, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function reason(
  /** @type {import('node:child_process').SpawnSyncReturns<string>} */ {
    error,
    signal,
    status,
    stdout,
    stderr,
  },
) {
  const why = error?.message ?? (signal ? `killed by ${signal}` : `exit code ${status}`);
  return `${why}\n${stdout ?? ''}${stderr ?? ''}`.trimEnd();
}
