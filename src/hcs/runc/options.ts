/**
 * What can be chosen about a container of an OCI runtime, and what holds where nothing was.
 */
import { resolve } from 'node:path';
import { invalid } from '../failures/errors.js';
import type { PipeOwner } from '../native/pipe/pipe-streams.js';

/** Which runtime, and where it keeps its containers. */
export interface RuntimeOptions {
  /** The runtime's executable: a path, or a name that is looked for in PATH. `runc` by default; `crun` does as well. */
  readonly binary?: string;
  /** Where the runtime keeps the state of its containers. The runtime's own default if absent: /run/runc for runc and root. */
  readonly root?: string;
  /** Have cgroups made by systemd. Then the document's `cgroupsPath` has the form `slice:prefix:name`. */
  readonly systemdCgroup?: boolean;
  /** The environment of the runtime itself. By default that of this process; `NOTIFY_SOCKET` is never passed on. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface RuncOptions extends RuntimeOptions {
  /** The name of the container with its runtime, unique below `root`. */
  readonly id: string;
  /** The directory with the container's `config.json`. */
  readonly bundle: string;
  /** Make the root filesystem by MS_MOVE rather than by pivot_root, as a ramdisk needs it. */
  readonly noPivotRoot?: boolean;
  /** Let the container share the session keyring. */
  readonly noNewKeyring?: boolean;
  /** Who owns the pipes that processes get, so that a user of the container can open /dev/stdout again. Root by default. */
  readonly ioUid?: number;
  readonly ioGid?: number;
  /**
   * The directory of a checkpoint. The container is then restored from it by `start`; until then nothing runs, and its
   * init has the process id 0. Needs criu.
   */
  readonly checkpoint?: string;
  /** Where criu keeps its log and what else it needs while it restores. The runtime's own choice if absent. */
  readonly criuWorkPath?: string;
}

/** The part of the options that concerns the runtime, checked. */
export interface RuntimeSettings {
  readonly binary: string;
  /** What goes before the verb of every command. */
  readonly globals: readonly string[];
  readonly env: readonly string[];
}

export interface Settings extends RuntimeSettings {
  readonly id: string;
  readonly bundle: string;
  /** What only making a container takes. */
  readonly making: readonly string[];
  readonly owner: PipeOwner | undefined;
  /** What restoring it takes, where it is to be restored. */
  readonly restoring: readonly string[] | undefined;
}

/** @throws RxshimError `invalidArgument` for an option of the wrong type. */
export const settle = (options: RuncOptions): Settings => {
  const { bundle, noPivotRoot, noNewKeyring, ioUid = 0, ioGid = 0 } = options;
  for (const [name, value] of Object.entries({ ioUid, ioGid })) {
    if (!Number.isInteger(value) || value < 0) throw invalid(name, value, 'the number of a user or group');
  }
  return {
    ...settleRuntime(options),
    id: idOf(options.id),
    bundle: pathOf('bundle', bundle),
    making: [
      ...(flag('noPivotRoot', noPivotRoot) ? ['--no-pivot'] : []),
      ...(flag('noNewKeyring', noNewKeyring) ? ['--no-new-keyring'] : []),
    ],
    owner: ioUid === 0 && ioGid === 0 ? undefined : { uid: ioUid, gid: ioGid },
    restoring: restoring(options),
  };
};

/** @throws RxshimError `invalidArgument` for an option of the wrong type. */
export const settleRuntime = ({
  binary = 'runc',
  root,
  systemdCgroup,
  env = process.env,
}: RuntimeOptions): RuntimeSettings => {
  if (typeof binary !== 'string' || binary === '') throw invalid('binary', binary, 'a name or a path');
  if (typeof env !== 'object' || env === null) throw invalid('env', env, 'an object');
  return {
    binary,
    globals: [
      ...(root === undefined ? [] : ['--root', pathOf('root', root)]),
      ...(flag('systemdCgroup', systemdCgroup) ? ['--systemd-cgroup'] : []),
    ],
    env: Object.entries(env).flatMap(([name, value]) =>
      value === undefined || name === 'NOTIFY_SOCKET' ? [] : [`${name}=${value}`],
    ),
  };
};

const restoring = ({ checkpoint, criuWorkPath }: RuncOptions): Settings['restoring'] => {
  if (checkpoint === undefined) return undefined;
  return [
    '--image-path',
    pathOf('checkpoint', checkpoint),
    ...(criuWorkPath === undefined ? [] : ['--work-path', pathOf('criuWorkPath', criuWorkPath)]),
  ];
};

/** @throws RxshimError `invalidArgument` for what no runtime would take as the name of a container. */
export const idOf = (id: unknown): string => {
  if (typeof id !== 'string' || !/^[\w+.-]+$/.test(id) || id === '.' || id === '..' || id.startsWith('-'))
    throw invalid('id', id, 'a name of letters, digits and _ + - .');
  return id;
};

/** Absolute, as the runtime runs in another directory. @throws RxshimError `invalidArgument` for what is no path. */
export const pathOf = (name: string, path: unknown): string => {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) throw invalid(name, path, 'a path');
  return resolve(path);
};

const flag = (name: string, value: boolean | undefined): boolean => {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(name, value, 'true or false');
  return value === true;
};
