/**
 * What containers of runc cost, beside runc's own commands called one after another: the difference is what rxshim adds.
 *
 * Needs root, runc and a busybox; without them there are no figures.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { becomeSubreaper } from '../../src/hcs/native/process/descendants/subreaper.js';
import { setHelperProgram } from '../../src/hcs/native/process/helper-program.js';
import { reap } from '../../src/hcs/native/process/reap.js';
import { runc } from '../../src/hcs/runc/index.js';
import { createTask } from '../../src/streams/task/task.js';
import { type Figure, quantile } from './harness.js';

const busybox = ['/usr/bin/busybox', '/bin/busybox'].find((path) => existsSync(path));

const available = (): boolean =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  busybox !== undefined &&
  !spawnSync('runc', ['--version']).error;

export const containers = async (quick: boolean): Promise<Figure[]> => {
  if (!available()) return [];
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-bench-'));
  try {
    return await measure(folder, quick);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const measure = async (folder: string, quick: boolean): Promise<Figure[]> => {
  const root = join(folder, 'state');
  const short = bundle(folder, 'short', ['true']);
  const long = bundle(folder, 'long', ['sleep', '1000']);
  let made = 0;
  const system = (of: string) => runc({ id: `bench-${process.pid}-${made++}`, root, bundle: of });

  const life = async (): Promise<void> => {
    const container = system(short);
    const task = await createTask({ id: container.id, system: container });
    await task.init.start();
    await task.wait();
    await task.delete();
  };

  const lifeByCommands = async (): Promise<void> => {
    const id = `bench-${process.pid}-${made++}`;
    const pidFile = join(folder, 'pid');
    call(root, 'create', '--bundle', short, '--pid-file', pidFile, id);
    call(root, 'start', id);
    await reaped(pidFile);
    call(root, 'delete', id);
  };

  becomeSubreaper();
  const count = quick ? 5 : 30;
  const [lives, livesByCommands] = await medians(count, life, lifeByCommands);

  const container = system(long);
  const task = await createTask({ id: container.id, system: container });
  await task.init.start();
  const exec = async (): Promise<void> => {
    const id = `e${made++}`;
    const process = await task.createExec({ id, spec: { args: ['true'] } });
    await process.start();
    await process.wait();
    await task.delete(id);
  };
  const document = join(folder, 'process.json');
  writeFileSync(document, JSON.stringify(processOf(['true'])));
  const execByCommand = async (): Promise<void> => {
    const pidFile = join(folder, 'exec-pid');
    call(root, 'exec', '--detach', '--process', document, '--pid-file', pidFile, container.id);
    await reaped(pidFile);
  };
  const [execs, execsByCommand] = await medians(count, exec, execByCommand);
  const together = quick ? 20 : 100;
  const from = performance.now();
  await Promise.all(Array.from({ length: together }, exec));
  const all = performance.now() - from;
  await task[Symbol.asyncDispose]();
  const logged = await intoFile(folder, quick);
  return [
    {
      name: 'container of runc, true',
      value: lives,
      unit: 'ms',
      beside: livesByCommands,
      lessIsBetter: true,
    },
    { name: 'exec by runc, true', value: execs, unit: 'ms', beside: execsByCommand, lessIsBetter: true },
    {
      name: `${together} execs by runc at once, each`,
      value: all / together,
      unit: 'ms',
      beside: execsByCommand,
      lessIsBetter: true,
    },
    logged,
  ];
};

/** Output in large writes into a file by its path. With runc alone the container has the file itself, as a shell gives it. */
const intoFile = async (folder: string, quick: boolean): Promise<Figure> => {
  const mebibytes = quick ? 64 : 1024;
  const root = join(folder, 'state');
  const file = join(folder, 'output.log');
  const path = bundle(folder, 'output', ['dd', 'if=/dev/zero', 'bs=1048576', `count=${mebibytes}`]);
  let made = 0;
  const id = () => `bench-${process.pid}-output-${made++}`;

  const byPath = async (): Promise<void> => {
    const container = runc({ id: id(), root, bundle: path });
    const task = await createTask({ id: container.id, system: container, stdio: { stdout: { path: file } } });
    await task.init.start();
    await task.wait();
    await task.delete();
  };

  const byShell = async (): Promise<void> => {
    const words = [
      '-c',
      'exec runc --root "$1" run --bundle "$2" "$3" >> "$4"',
      'sh',
      root,
      path,
      id(),
      file,
    ];
    await once(spawn('sh', words, { stdio: 'ignore' }), 'exit');
  };

  const complete = async (act: () => Promise<void>): Promise<void> => {
    await act();
    const { size } = statSync(file);
    rmSync(file);
    if (size !== mebibytes * 2 ** 20) throw new Error(`the file has ${size} bytes of ${mebibytes} MiB`);
  };

  // What copies is part of the package, not of the bench.
  setHelperProgram(fileURLToPath(new URL(`../dist/shim/launcher-linux-${process.arch}`, import.meta.url)));
  const [ours, theirs] = await medians(
    quick ? 1 : 7,
    () => complete(byPath),
    () => complete(byShell),
  );
  setHelperProgram(undefined);
  const rate = (milliseconds: number) => mebibytes / (milliseconds / 1000);
  return {
    name: `${mebibytes} MiB by runc into a file`,
    value: rate(ours),
    unit: 'MiB/s',
    beside: rate(theirs),
  };
};

const call = (root: string, ...args: readonly string[]): void =>
  void execFileSync('runc', ['--root', root, ...args], { stdio: 'ignore' });

const reaped = (pidFile: string): Promise<void> =>
  new Promise((resolve) => reap(Number(readFileSync(pidFile, 'latin1')), () => resolve()));

const processOf = (args: readonly string[]) => ({
  args,
  cwd: '/',
  env: ['PATH=/bin'],
  user: { uid: 0, gid: 0 },
  noNewPrivileges: true,
});

const bundle = (folder: string, name: string, args: readonly string[]): string => {
  const path = join(folder, name);
  for (const inside of ['bin', 'proc', 'dev']) mkdirSync(join(path, 'rootfs', inside), { recursive: true });
  for (const tool of ['true', 'sleep', 'dd']) copyFileSync(busybox as string, join(path, 'rootfs/bin', tool));
  const namespaces = ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type }));
  const document = {
    ociVersion: '1.0.2',
    process: processOf(args),
    root: { path: 'rootfs' },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    ],
    linux: { namespaces, resources: { devices: [{ allow: false, access: 'rwm' }] } },
  };
  writeFileSync(join(path, 'config.json'), JSON.stringify(document));
  return path;
};

/** Of both, taken in turns: what else the machine does weighs on both alike. */
const medians = async (
  count: number,
  first: () => Promise<void>,
  second: () => Promise<void>,
): Promise<[number, number]> => {
  const kinds = [
    { act: first, taken: [] as number[] },
    { act: second, taken: [] as number[] },
  ] as const;
  for (let turn = 0; turn <= count; turn++) {
    for (const { act, taken } of kinds) {
      const from = performance.now();
      await act();
      // The first of each is a warm-up.
      if (turn > 0) taken.push(performance.now() - from);
    }
  }
  return [median(kinds[0].taken), median(kinds[1].taken)];
};

const median = (times: number[]): number =>
  quantile(
    times.sort((a, b) => a - b),
    0.5,
  );
