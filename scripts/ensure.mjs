/**
 * Makes the checkout runnable: dependencies installed, dist built from the sources of this moment. With nothing
 * to do it says nothing and costs milliseconds, so that every script can begin with it.
 *
 *   node scripts/ensure.mjs [--no-build] [MODULE [ARGS…]]    and then runs MODULE in this same process
 *
 * Node's own modules only, since nothing may be installed yet, and few of them: what does the work is loaded when
 * there is work. It speaks on stderr; stdout is MODULE's.
 */
import { readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launcherCompilers } from './launcher-compilers.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (/** @type {string[]} */ ...path) => join(root, ...path);

/** Each result carries a stamp that says what it was made from, and is current while that is still true. */
const steps = {
  install: {
    stamp: at('node_modules/.rxshim-stamp'),
    // Installed binaries fit one platform.
    inputs: () => `${process.platform} ${process.arch}\n${marks(['package-lock.json'])}`,
  },
  build: {
    stamp: at('dist/.stamp'),
    // What a new compiler adds is missing until then.
    inputs: () =>
      `${compilers()}\n${marks([...sources(), 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'])}`,
  },
};

/** Brings node_modules, and dist unless disabled, up to date; ends the process where that fails. */
export async function ensure({ build = true } = {}) {
  await perform('install');
  if (build) await perform('build');
}

async function perform(/** @type {'install' | 'build'} */ name) {
  const step = steps[name];
  if (read(step.stamp) === step.inputs()) return;
  const { make } = await import('./make.mjs');
  const { exclusively } = await import('./lock.mjs');
  const failure = exclusively(at('.ensure.lock'), () => {
    // Read again: the lock's last holder may have done it. And read before: what changes meanwhile is for next time.
    const inputs = step.inputs();
    if (read(step.stamp) === inputs) return undefined;
    const failure = make[name](root);
    if (failure === undefined) writeFileSync(step.stamp, inputs);
    return failure;
  });
  if (failure === undefined) return;
  console.error(`rxshim: ${failure}`);
  process.exit(1);
}

function compilers() {
  return Object.entries(launcherCompilers()).join(' ');
}

function sources() {
  return readdirSync(at('src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|c|h)$/.test(name))
    .sort()
    .map((name) => join('src', name));
}

/** Compared for equality, never for age: files can also go back in time. */
function marks(/** @type {string[]} */ files) {
  return files
    .map((file) => {
      const stat = statSync(at(file), { throwIfNoEntry: false });
      return `${file} ${stat?.size} ${stat?.mtimeMs}`;
    })
    .join('\n');
}

function read(/** @type {string} */ file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function main(/** @type {string[]} */ args) {
  const build = args[0] !== '--no-build';
  const [module, ...rest] = build ? args : args.slice(1);
  await ensure({ build });
  if (module === undefined) return;
  const file = resolve(root, module);
  // To MODULE it must look as though node had started it.
  process.argv = [process.execPath, file, ...rest];
  await import(pathToFileURL(file).href);
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  await main(process.argv.slice(2));
}
