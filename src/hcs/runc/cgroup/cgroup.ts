/**
 * Finds the cgroups of a process in each of the three layouts: one tree for each controller (version 1), one tree for
 * all (version 2), or hybrid, with the controllers in the version 1 trees.
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export type Cgroup =
  /** A directory for each controller. */
  | { readonly version: 1; readonly directories: ReadonlyMap<string, string> }
  | { readonly version: 2; readonly directory: string };

/** The current cgroups of the process. `undefined` if it has none or has ended. */
export const cgroupOf = (pid: number): Cgroup | undefined => {
  try {
    const membership = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    // An ended process is reported in the root cgroup, which is shared by all.
    if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return undefined;
    return locate(membership, readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return undefined;
  }
};

/** Parses the text of /proc/PID/cgroup and /proc/self/mountinfo. */
export const locate = (membership: string, mountinfo: string): Cgroup | undefined => {
  const mounts = mountsIn(mountinfo);
  const directories = new Map<string, string>();
  let unified: string | undefined;
  for (const line of membership.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (controllers === '') unified = path;
    for (const controller of (controllers as string).split(',')) {
      const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller));
      if (mount) directories.set(controller, within(mount, path));
    }
  }
  // A named hierarchy, such as systemd's, has no controllers.
  if ([...directories.keys()].some((name) => !name.startsWith('name='))) return { version: 1, directories };
  const mount = mounts.find(({ type }) => type === 'cgroup2');
  return unified === undefined || mount === undefined
    ? undefined
    : { version: 2, directory: within(mount, unified) };
};

interface Mount {
  readonly type: string;
  /** The part of the hierarchy that is mounted. */
  readonly root: string;
  readonly point: string;
  readonly options: readonly string[];
}

// See proc(5): the optional fields end with a single dash.
const mountsIn = (mountinfo: string): Mount[] =>
  mountinfo.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const [, , , root, point] = before?.split(' ') ?? [];
    const [type = '', , options = ''] = after?.split(' ') ?? [];
    if (root === undefined || point === undefined || !type.startsWith('cgroup')) return [];
    return [{ type, root, point, options: options.split(',') }];
  });

const within = ({ root, point }: Mount, path: string): string => {
  const rest = relative(root, path);
  return join(point, rest.startsWith('..') ? path : rest);
};
