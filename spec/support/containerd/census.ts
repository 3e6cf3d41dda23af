/** What shims and containers could leave behind on a machine, recognised by a name that only they have. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './run.js';

const sockets = '/run/containerd/s';
const runcRoot = '/run/containerd/runc';
const cgroups = '/sys/fs/cgroup';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const folder = (path: string): string[] => (existsSync(path) ? readdirSync(path) : []);

/** Processes that have the word in their arguments or as part of the folder they are in. */
export const processesOf = (word: string): number[] =>
  folder('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(
      (pid) => read(`/proc/${pid}/cmdline`).includes(word) || read(`/proc/${pid}/cgroup`).includes(word),
    )
    .map(Number);

export const mountsOf = (word: string): string[] =>
  read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(word))
    .map((line) => line.split(' ')[4] ?? '');

/** The folders of one namespace, whichever way the machine's cgroups are laid out. */
const cgroupsOf = (namespace: string): string[] =>
  [cgroups, ...folder(cgroups).map((name) => join(cgroups, name))]
    .map((at) => join(at, namespace))
    .filter((at) => existsSync(at))
    .flatMap((at) => folder(at).map((name) => join(at, name)))
    .filter((at) => existsSync(join(at, 'cgroup.procs')));

export interface Census {
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  readonly runtimeState: readonly string[];
  readonly sockets: readonly string[];
}

/** Where a shim of this group listens: a hash, since a path has little room. */
export const socketOf = (address: string, namespace: string, group: string): string =>
  join(
    sockets,
    createHash('sha256')
      .update(join(address, namespace, group))
      .digest('hex'),
  );

/**
 * What is there of a namespace whose containers have their folders in `directory`.
 *
 * @param sockets those that its shims have listened on.
 */
export const census = (namespace: string, directory: string, sockets: Iterable<string>): Census => ({
  processes: [...new Set([...processesOf(namespace), ...processesOf(directory)])].map(
    (pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`,
  ),
  mounts: mountsOf(directory),
  cgroups: cgroupsOf(namespace),
  runtimeState: folder(join(runcRoot, namespace)),
  sockets: [...sockets].filter((path) => existsSync(path)),
});

/**
 * Waits until nothing is there any more, of all that could be or only of some kinds.
 *
 * @throws an error that says what is left.
 */
export const nothingLeft = async (look: () => Census, ...kinds: readonly (keyof Census)[]): Promise<void> => {
  let left: readonly string[] = [];
  await until(() => {
    const seen = look();
    const wanted = kinds.length > 0 ? kinds : (Object.keys(seen) as (keyof Census)[]);
    left = wanted.flatMap((kind) => seen[kind].map((each) => `${kind}: ${each}`));
    return left.length === 0;
  }).catch(() => {
    throw new Error(`left behind:\n${left.join('\n')}`);
  });
};

/**
 * Kills every process that has one of these words, those too that are being started meanwhile, and waits for their end: as
 * long as one lives it may make files in a folder that is being removed.
 */
export const killAll = async (...words: readonly string[]): Promise<void> => {
  const living = (): number[] => words.flatMap(processesOf).filter((pid) => !isZombie(pid));
  await until(() => {
    for (const pid of living()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
    return living().length === 0;
  });
};

/** After the last parenthesis stands the state; before it may be anything. */
const isZombie = (pid: number): boolean => /\) [ZX] [^)]*$/.test(read(`/proc/${pid}/stat`));

/** Removes what runs leave on purpose, or by being cut off. */
export const sweep = async (
  namespace: string,
  directory: string,
  sockets: Iterable<string>,
): Promise<void> => {
  // A daemon that waits for its next container is killed, too, and cannot remove its socket any more.
  const listeners = [namespace, directory].flatMap(processesOf).flatMap(socketListenedOn);
  await killAll(namespace, directory);
  for (const socket of [...sockets, ...listeners]) rmSync(socket, { force: true });
  for (const mount of mountsOf(directory).reverse()) execFileSync('umount', ['-l', mount]);
  execFileSync('rm', ['-rf', join(runcRoot, namespace)]);
  for (const at of [cgroups, ...folder(cgroups).map((name) => join(cgroups, name))]) {
    for (const name of folder(join(at, namespace))) remove(join(at, namespace, name));
    remove(join(at, namespace));
  }
};

const socketListenedOn = (pid: number): string[] => {
  const [, path] = /\0-socket\0([^\0]+)/.exec(read(`/proc/${pid}/cmdline`)) ?? [];
  return path === undefined ? [] : [path];
};

const remove = (path: string): void => {
  try {
    rmdirSync(path);
  } catch {
    // A file of the cgroup, or none at all.
  }
};
