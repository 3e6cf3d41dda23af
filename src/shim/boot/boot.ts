/**
 * The script that node runs as the shim: it loads the bundle beside it with code that V8 has compiled before.
 *
 * Compiled code fits one release of node and is kept beside the bundle. If none fits, the bundle runs anyway, 15 ms later,
 * and the code is kept for the next time, if the folder is writable. Chunks that the bundle loads later are loaded the same
 * way. The path of this script is `process.argv[1]`: it is bundled by itself, as CommonJS, and has no URL.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { systemClock } from '../ttrpc/clock.js';

/** The name of the bundle, which the build puts here. It has a hash in it: V8 itself compares but the length of sources. */
declare const MAIN: string;

/** The function in each file of the build. */
type Body = (
  exports: object,
  require: (id: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
  url: string,
  included: Map<string, Body>,
) => void;

/** Long enough for a daemon to have served a container, so that the code for that is compiled. */
const keepAfter = 30_000;

/** An installation is tried without a container. Code compiled by the trial is used until a daemon has served a container. */
const kinds = process.env['RXSHIM_TRIAL'] === undefined ? ['cache', 'trial.cache'] : ['trial.cache'];

/** Commands other than the daemon are short-lived, and run another part of the bundle. */
const isDaemon = process.argv[2] === 'daemon';

const folder = dirname(process.argv[1] as string);
/** Chunks that came with another file. */
const included = new Map<string, Body>();
const loaded = new Map<string, { exports: unknown }>();
/** By the file that it is kept in, with the file that it was compiled from. */
const compiledHere = new Map<string, { readonly file: string; readonly script: Script }>();

const load = (name: string): unknown => {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const file = join(folder, name);
  const body = included.get(name) ?? compile(file);
  const module = { exports: {} };
  loaded.set(name, module);
  const outside = createRequire(file);
  const near = (id: string): unknown => (id.startsWith('./') ? load(id.slice(2)) : outside(id));
  body(module.exports, near, module, file, folder, pathToFileURL(file).href, included);
  return module.exports;
};

/** A flag of V8 with its value for the daemon and its default, by version where that depends on it. */
interface Flag {
  readonly name: string;
  readonly daemon: number;
  readonly normal: number | undefined;
}

const daemonFlags: readonly Flag[] = [
  // A shim makes little garbage at a time, and few of its objects live on. By default V8 would let the space of young objects
  // grow from 2 to 32 MiB in the course of a thousand execs, and keep them.
  { name: 'semi-space-growth-factor', daemon: 1, normal: 2 },
  // By default V8 optimises seventy functions during the first eighty execs of a daemon, on the other thread: a fifth of the
  // processor time of an exec, while the runtime needs the cores. Eight times as hot, few functions are worth it.
  {
    name: 'interrupt-budget',
    daemon: 540_672,
    normal: process.versions.v8.startsWith('11.3.') ? 67_584 : undefined,
  },
];

let hasDaemonFlags = false;

/**
 * The flags are set here rather than on Node's command line, and only when everything is loaded: V8 accepts compiled code only
 * under the flags that it was compiled under. On the command line every flag costs 9 ms, for the code that is part of Node.
 * A flag whose default is not known could not be set back, and is left alone.
 */
const setDaemonFlags = (wanted: boolean): void => {
  for (const { name, daemon, normal } of daemonFlags)
    if (normal !== undefined) setFlagsFromString(`--${name}=${wanted ? daemon : normal}`);
  hasDaemonFlags = wanted;
};

/** Compiles, or writes down what was compiled, under the flags that node starts with. */
const withDefaultFlags = <T>(work: () => T): T => {
  if (!hasDaemonFlags) return work();
  setDaemonFlags(false);
  try {
    return work();
  } finally {
    setDaemonFlags(true);
  }
};

const compile = (file: string): Body => {
  // esbuild's output is ASCII, for which Node makes smaller strings if the encoding is latin1.
  const source = readFileSync(file, 'latin1');
  const [best = '', ...others] = kinds.map((kind) => `${file}.${process.version}-${process.arch}.${kind}`);
  const whole = kept(best);
  const cachedData = whole ?? others.map(kept).find((each) => each !== undefined);
  const options = { filename: file, ...(cachedData && { cachedData }) };
  const script = withDefaultFlags(() => new Script(source, options));
  if (whole === undefined || script.cachedDataRejected) compiledHere.set(best, { file, script });
  return script.runInThisContext() as Body;
};

const kept = (file: string): Buffer | undefined => {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
};

/** Other daemons may be reading it, or writing it: it is whole or not there, also after the power fails. */
const keepCompiled = (): void => {
  for (const [cache, { file, script }] of compiledHere) {
    // Another version was installed meanwhile: what is written now would stay for good.
    if (!existsSync(file)) continue;
    const unfinished = `${cache}.${process.pid}`;
    try {
      const descriptor = openSync(unfinished, 'wx', 0o644);
      writeSync(
        descriptor,
        withDefaultFlags(() => script.createCachedData()),
      );
      fsyncSync(descriptor);
      closeSync(descriptor);
      renameSync(unfinished, cache);
    } catch {
      // A folder that cannot be written to, a full disk: it goes on as it is.
      rmSync(unfinished, { force: true });
    }
  }
  compiledHere.clear();
};

// The launcher's, for this process alone.
if (isDaemon) delete process.env['MALLOC_ARENA_MAX'];

load(MAIN);

if (isDaemon) {
  setDaemonFlags(true);
  process.once('exit', keepCompiled);
  systemClock.after(keepAfter, keepCompiled);
}
