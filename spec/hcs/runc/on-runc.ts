/**
 * What these specs need of the machine: root, runc, and a busybox to make a root filesystem of.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import type { Descriptors } from '../../../src/hcs/contract/compute-system.js';
import { scratchName } from '../../../src/hcs/runc/command/scratch-leftovers.js';
import { type RuncContainer, type RuncOptions, runc } from '../../../src/hcs/runc/index.js';
import { lackAsRoot, programPath } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';
import { runWord } from '../../support/run-word.js';
import { done } from '../local/on-this-host.js';

export const describeWithRunc = describeWith(lackAsRoot('runc', 'busybox'));

export const runcPath = (): string => programPath('runc') as string;

export interface Harness {
  /** A file or directory of these specs. */
  path(name: string): string;
  readonly root: () => string;
  /** Makes a bundle whose init does as the script says. */
  bundle(script: string | readonly string[], changes?: (config: Config) => void): string;
  /** A container of that bundle. Ended and removed when the spec is over, whatever happened. */
  container(
    script: string | readonly string[],
    more?: Partial<RuncOptions> & { config?: (config: Config) => void },
  ): RuncContainer;
}

// biome-ignore lint/suspicious/noExplicitAny: the document is what a spec makes of it.
export type Config = any;

/** A directory with a root filesystem, and a root for runc, for the specs of one file. */
export const harness = (): Harness => {
  let directory = '';
  let count = 0;
  let ids: string[] = [];
  const path = (name: string) => join(directory, name);
  const root = () => path('state');
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'spec-runc-'));
    makeRootfs(path('rootfs'));
  });
  afterAll(() => {
    for (const id of ids)
      execFileSync(runcPath(), ['--root', root(), 'delete', '--force', id], { stdio: 'ignore' });
    ids = [];
    rmSync(directory, { recursive: true, force: true });
  });
  const bundle: Harness['bundle'] = (script, changes) => {
    const made = path(`bundle-${++count}`);
    mkdirSync(made);
    const config = configOf(path('rootfs'), typeof script === 'string' ? ['sh', '-c', script] : script);
    changes?.(config);
    writeFileSync(join(made, 'config.json'), JSON.stringify(config));
    return made;
  };
  return {
    path,
    root,
    bundle,
    container: (script, { config, ...more } = {}) => {
      const id = `${runWord}-${process.pid}-${++count}`;
      ids.push(id);
      return runc({ id, root: root(), bundle: more.bundle ?? bundle(script, config), ...more });
    },
  };
};

const makeRootfs = (rootfs: string): void => {
  for (const name of ['bin', 'proc', 'sys', 'dev', 'tmp', 'etc', 'root'])
    mkdirSync(join(rootfs, name), { recursive: true });
  const busybox = programPath('busybox') as string;
  copyFileSync(busybox, join(rootfs, 'bin/busybox'));
  chmodSync(join(rootfs, 'bin/busybox'), 0o755);
  for (const name of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean)) {
    if (name !== 'busybox') symlinkSync('busybox', join(rootfs, 'bin', name));
  }
};

const configOf = (rootfs: string, args: readonly string[]): Config => ({
  ociVersion: '1.0.2',
  process: {
    terminal: false,
    user: { uid: 0, gid: 0 },
    args,
    env: ['PATH=/bin', 'TERM=xterm'],
    cwd: '/',
    noNewPrivileges: true,
  },
  root: { path: rootfs, readonly: true },
  hostname: 'spec',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
  ],
  linux: {
    namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
    resources: { devices: [{ allow: false, access: 'rwm' }] },
  },
});

/** The init with all streams, save those that have a descriptor. */
export const created = (container: RuncContainer, descriptors: Descriptors = {}): Promise<ComputeProcess> =>
  firstValueFrom(
    container.create({ CreateStdInPipe: true, CreateStdOutPipe: true, CreateStdErrPipe: true }, descriptors),
  );

/** As one does with a container in the end. */
export const disposed = async (container: RuncContainer): Promise<void> => {
  await done(container.terminate());
  await done(container.exit$);
  await done(container.close());
  await done(container.delete());
};

/**
 * A runtime with a script for some verbs, and otherwise as runc does. A script has the variables `verb`, `log` and
 * `pidfile`, and goes on as runc unless it ends.
 */
export const runtimeScript = (path: string, verbs: Readonly<Record<string, string>>): string => {
  const cases = Object.entries(verbs).map(([verb, script]) => `  ${verb}) ${script} ;;`);
  const lines = [
    '#!/bin/sh',
    'last=',
    'for word; do',
    '  case "$last" in',
    '    --root|--log-format|--bundle|--console-socket|--process) ;;',
    '    --log) log=$word ;;',
    '    --pid-file) pidfile=$word ;;',
    '    *) case "$word" in -*) ;; *) [ "$verb" ] || verb=$word ;; esac ;;',
    '  esac',
    '  last=$word',
    'done',
    'case "$verb" in',
    ...cases,
    'esac',
    `exec ${runcPath()} "$@"`,
    '',
  ];
  writeFileSync(path, lines.join('\n'), { mode: 0o755 });
  return path;
};

/** What a container, or an attempt at one, must not leave behind. */
export const leftOf = (root: string, id: string): string[] => [
  ...(existsSync(join(root, id)) ? [`state of ${id}`] : []),
  ...readdirSync('/sys/fs/cgroup')
    .map((controller) => join('/sys/fs/cgroup', controller, id))
    .filter((directory) => existsSync(directory)),
];

/** The same, and what commands that are over must not leave. */
export const leftBehind = (root: string, id: string): string[] => [
  ...leftOf(root, id),
  ...[tmpdir(), '/dev/shm']
    .flatMap((place) => readdirSync(place))
    .filter((name) => name.startsWith(scratchName())),
];
