/**
 * The runtime that the specs of containers run against, and whether this machine has what they need.
 *
 * It is rxshim's own, installed into a folder of its own; `RXSHIM_SPEC_RUNTIME=io.containerd.runc.v2` asks the reference
 * instead: a spec that does not hold there is wrong, unless it wants something better and says so.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export const own = 'io.containerd.rxshim.v1';

export const runtime: string = process.env['RXSHIM_SPEC_RUNTIME'] ?? own;
export const isOwn = runtime === own;

/** The file that containerd looks for: the last two parts of the runtime's name. */
const executableOf = (name: string): string => `containerd-shim-${name.split('.').slice(-2).join('-')}`;

const found = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

/** What this machine lacks for them. */
export const missing = (): string | undefined => {
  if (process.platform !== 'linux') return 'only Linux has containerd';
  if (process.getuid?.() !== 0) return 'only root can run containers';
  const programs = ['containerd', 'ctr', 'runc', 'busybox', ...(isOwn ? ['gcc'] : [executableOf(runtime)])];
  const lacking = programs.filter((name) => !found(name));
  return lacking.length === 0 ? undefined : `not installed: ${lacking.join(', ')}`;
};

/** Where the runtime's executable stands. */
export interface Installed {
  readonly folder: string;
  readonly executable: string;
  remove(): void;
}

export const install = (name = runtime): Installed => {
  const executable = executableOf(name);
  if (name !== own) {
    const path = execFileSync('which', [executable], { encoding: 'utf8' }).trim();
    return { folder: join(path, '..'), executable: path, remove: () => undefined };
  }
  const prefix = mkdtempSync(join(tmpdir(), 'rxshim-installed-'));
  execFileSync('npm', ['run', '--silent', 'shim:install', '--', '--prefix', prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const folder = [join(prefix, 'bin'), prefix].find((at) => existsSync(join(at, executable)));
  if (folder === undefined) throw new Error(`shim:install left no ${executable} in ${prefix}`);
  return {
    folder,
    executable: join(folder, executable),
    remove: () => rmSync(prefix, { recursive: true, force: true }),
  };
};
