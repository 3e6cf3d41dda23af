/**
 * The runtime that the specs of containers run against, and whether this machine has what they need.
 *
 * It is rxshim's own, installed into a folder of its own; `RXSHIM_SPEC_RUNTIME=io.containerd.runc.v2` asks the reference
 * instead: a spec that does not hold there is wrong, unless it wants something better and says so.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { exclusively } from '../../../scripts/lock.mjs';
import { lackAsRoot } from '../lacks.js';

const own = 'io.containerd.rxshim.v1';

export const runtime: string = process.env['RXSHIM_SPEC_RUNTIME'] ?? own;
export const isOwn = runtime === own;

/** The file that containerd looks for: the last two parts of the runtime's name. */
const executableOf = (name: string): string => `containerd-shim-${name.split('.').slice(-2).join('-')}`;

/** The prefix of an installation to use instead of making one: where specs run there is no compiler. */
const given = process.env['RXSHIM_SPEC_INSTALLED'];

/** What this machine lacks for them. */
export const missing = (): string | undefined => {
  const executable = isOwn ? (given === undefined ? ['gcc'] : []) : [executableOf(runtime)];
  return lackAsRoot('containerd', 'ctr', 'runc', 'busybox', ...executable);
};

/** Where the runtime's executable stands. */
export interface Installed {
  readonly folder: string;
  readonly executable: string;
  remove(): void;
}

const folder = 'dist.shim';

/** The runtime of the specs. rxshim's own is built and installed once, for as long as the sources stay as they are. */
export const install = (name = runtime): Installed => {
  if (name !== own) {
    const executable = execFileSync('which', [executableOf(name)], { encoding: 'utf8' }).trim();
    return { folder: dirname(executable), executable, remove: () => undefined };
  }
  if (given !== undefined) return { ...installedIn(given), remove: () => undefined };
  return exclusively('.ensure.lock-shim', () => {
    execFileSync(process.execPath, ['scripts/ensure.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
    const stamp = readFileSync('dist/.stamp', 'utf8');
    if (read(join(folder, 'stamp')) !== stamp) {
      rmSync(folder, { recursive: true, force: true });
      installInto(folder, []);
      writeFileSync(join(folder, 'stamp'), stamp);
    }
    return { ...installedIn(folder), remove: () => undefined };
  });
};

/** An installation of rxshim's own, in a temporary folder. */
export const installAnew = (options: readonly string[]): Installed => {
  const prefix = mkdtempSync(join(tmpdir(), 'rxshim-installed-'));
  installInto(prefix, options);
  return { ...installedIn(prefix), remove: () => rmSync(prefix, { recursive: true, force: true }) };
};

const installInto = (prefix: string, options: readonly string[]): void => {
  execFileSync(
    process.execPath,
    ['scripts/ensure.mjs', 'dist/cli/main.js', 'shim', 'install', '--prefix', prefix, ...options],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
};

const installedIn = (prefix: string): Omit<Installed, 'remove'> => {
  const bin = resolve(prefix, 'bin');
  return { folder: bin, executable: join(bin, executableOf(own)) };
};

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};
