/**
 * The options of a container and their defaults, checked and translated into arguments of the runtime.
 */
import { resolve } from 'node:path';
import { type Labels, type Ownership, ownershipLabels } from '../contract/ownership.js';
import { invalid } from '../failures/errors.js';
import { refuseUnknown } from '../failures/refuse-unknown.js';
import type { PipeOwner } from '../native/pipe/pipe-streams.js';

/** Selects the runtime and its state directory. */
export interface RuntimeOptions {
  /** The runtime's executable: a path, or a name to look up in PATH. `runc` by default; `crun` works too. */
  readonly binary?: string;
  /** The runtime's state directory (`--root`). The runtime's default if absent: /run/runc for runc as root. */
  readonly root?: string;
  /** Let systemd create the cgroups. The document's `cgroupsPath` then has the form `slice:prefix:name`. */
  readonly systemdCgroup?: boolean;
  /** The environment of the runtime. By default that of this process; `NOTIFY_SOCKET` is never passed on. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Records outside of this program, by which a later one adopts the container. */
export interface RecordOptions {
  /** The directory of the records of all containers, on a local file system. Created if needed. */
  readonly directory: string;
  readonly ownership?: Ownership;
  /** Further labels. */
  readonly labels?: Labels;
}

export interface RuncOptions extends RuntimeOptions {
  /** The id of the container, unique below `root`. */
  readonly id: string;
  /** The directory with the container's `config.json`. */
  readonly bundle: string;
  /** Enter the root filesystem by MS_MOVE rather than pivot_root, which a ramdisk requires. */
  readonly noPivotRoot?: boolean;
  /** Share the session keyring with the container. */
  readonly noNewKeyring?: boolean;
  /**
   * The owner of the stdio pipes. Set it to the container's user to let that user reopen /dev/stdout. Root by default.
   */
  readonly ioUid?: number;
  readonly ioGid?: number;
  /**
   * The directory of a checkpoint. `start` restores the container from it; until then nothing runs, and the init has
   * pid 0. Needs criu.
   */
  readonly checkpoint?: string;
  /** The directory for criu's log and work files during a restore. The runtime's default if absent. */
  readonly criuWorkPath?: string;
  /**
   * Makes the container adoptable: what is needed to take it over is recorded, and its processes write their output to
   * files there, whether or not it is read. Not together with `checkpoint`.
   */
  readonly records?: RecordOptions;
}

/** The checked options of the runtime. */
export interface RuntimeSettings {
  readonly binary: string;
  /** Global flags, which precede the verb of every command. */
  readonly globals: readonly string[];
  readonly env: readonly string[];
  /** The working directory of every command, if it exists. Wrappers of a runtime read `./config.json`. */
  readonly cwd: string;
}

export interface Settings extends RuntimeSettings {
  readonly id: string;
  readonly bundle: string;
  /** Flags of `create` and `restore`. */
  readonly createOptions: readonly string[];
  readonly owner: PipeOwner | undefined;
  /** Flags of `restore`, if the container is to be restored. */
  readonly restoreOptions: readonly string[] | undefined;
  readonly records: RecordSettings | undefined;
}

export interface RecordSettings {
  readonly directory: string;
  readonly labels: Labels;
  /** The data by which a later program finds the container in the runtime. */
  readonly runtime: { readonly binary: string; readonly root?: string; readonly systemdCgroup?: boolean };
}

const known = [
  'binary',
  'root',
  'systemdCgroup',
  'env',
  'id',
  'bundle',
  'noPivotRoot',
  'noNewKeyring',
  'ioUid',
  'ioGid',
  'checkpoint',
  'criuWorkPath',
  'records',
] as const satisfies readonly (keyof RuncOptions)[];

/** @throws RxshimError `invalidArgument` for an option of the wrong type. */
export const resolveOptions = (options: RuncOptions): Settings => {
  if (typeof options !== 'object' || options === null) throw invalid('options', options, 'an object');
  refuseUnknown('', options, known);
  const { noPivotRoot, noNewKeyring, ioUid = 0, ioGid = 0 } = options;
  const bundle = pathOf('bundle', options.bundle);
  for (const [name, value] of Object.entries({ ioUid, ioGid })) {
    if (!Number.isInteger(value) || value < 0) throw invalid(name, value, 'the number of a user or group');
  }
  return {
    ...resolveRuntimeOptions(options, bundle),
    id: idOf(options.id),
    bundle,
    createOptions: [
      ...(flag('noPivotRoot', noPivotRoot) ? ['--no-pivot'] : []),
      ...(flag('noNewKeyring', noNewKeyring) ? ['--no-new-keyring'] : []),
    ],
    owner: ioUid === 0 && ioGid === 0 ? undefined : { uid: ioUid, gid: ioGid },
    restoreOptions: restoreOptions(options),
    records: recordSettings(options),
  };
};

const recordSettings = ({ records, checkpoint, ...options }: RuncOptions): Settings['records'] => {
  if (records === undefined) return undefined;
  if (typeof records !== 'object' || records === null) throw invalid('records', records, 'an object');
  if (checkpoint !== undefined) throw invalid('records', records, 'absent with a checkpoint');
  refuseUnknown('records.', records, ['directory', 'ownership', 'labels']);
  const { directory, ownership, labels = {} } = records;
  if (!Object.values(labels).every((value) => typeof value === 'string'))
    throw invalid('records.labels', labels, 'names with texts');
  const { binary = 'runc', root, systemdCgroup } = options;
  return {
    directory: pathOf('records.directory', directory),
    labels: { ...labels, ...(ownership && ownershipLabels(ownership)) },
    runtime: {
      binary: binary.includes('/') ? resolve(binary) : binary,
      ...(root !== undefined && { root: pathOf('root', root) }),
      ...(systemdCgroup !== undefined && { systemdCgroup }),
    },
  };
};

/** @throws RxshimError `invalidArgument` for an option of the wrong type. */
export const resolveRuntimeOptions = (
  { binary = 'runc', root, systemdCgroup, env = process.env }: RuntimeOptions,
  cwd = '/',
): RuntimeSettings => {
  if (typeof binary !== 'string' || binary === '') throw invalid('binary', binary, 'a name or a path');
  if (typeof env !== 'object' || env === null) throw invalid('env', env, 'an object');
  return {
    // Not relative to the directory in which it runs.
    binary: binary.includes('/') ? resolve(binary) : binary,
    cwd,
    globals: [
      ...(root === undefined ? [] : ['--root', pathOf('root', root)]),
      ...(flag('systemdCgroup', systemdCgroup) ? ['--systemd-cgroup'] : []),
    ],
    env: Object.entries(env).flatMap(([name, value]) =>
      value === undefined || name === 'NOTIFY_SOCKET' ? [] : [`${name}=${value}`],
    ),
  };
};

const restoreOptions = ({ checkpoint, criuWorkPath }: RuncOptions): Settings['restoreOptions'] => {
  if (checkpoint === undefined) return undefined;
  return [
    '--image-path',
    pathOf('checkpoint', checkpoint),
    ...(criuWorkPath === undefined ? [] : ['--work-path', pathOf('criuWorkPath', criuWorkPath)]),
  ];
};

/** @throws RxshimError `invalidArgument` for an id that no runtime accepts. */
export const idOf = (id: unknown): string => {
  if (typeof id !== 'string' || !/^[\w+.-]+$/.test(id) || id === '.' || id === '..' || id.startsWith('-'))
    throw invalid('id', id, 'a name of letters, digits and _ + - .');
  return id;
};

/**
 * Made absolute, because the runtime runs in another directory.
 * @throws RxshimError `invalidArgument` if it is not a path.
 */
export const pathOf = (name: string, path: unknown): string => {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) throw invalid(name, path, 'a path');
  return resolve(path);
};

const flag = (name: string, value: boolean | undefined): boolean => {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(name, value, 'true or false');
  return value === true;
};
