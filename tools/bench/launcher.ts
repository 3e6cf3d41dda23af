/**
 * `node scripts/tool.mjs bench/launcher [--quick]`: what containerd waits for when it starts our executable, beside runc's,
 * and how soon the daemon answers. It installs into a folder of its own, and needs to be root on Linux.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { TaskDefinition } from '../../src/shim/messages/index.js';
import { serviceClient, ttrpcClient } from '../../src/shim/ttrpc/index.js';
import { quantile } from './harness.js';

const rounds = process.argv.includes('--quick') ? 5 : 40;
const folder = mkdtempSync('/tmp/rxshim-bench-');
const address = join(folder, 'containerd.sock');

// A daemon of runc-v2 ends at once without a listener for its events or a reader of its log.
const events = createServer().listen(`${address}.ttrpc`);

execFileSync(process.execPath, ['dist/cli/main.js', 'shim', 'install', '--prefix', folder]);
const runtimes = {
  rxshim: join(folder, 'bin/containerd-shim-rxshim-v1'),
  'runc-v2': '/usr/bin/containerd-shim-runc-v2',
};

const figures = new Map<string, Map<string, number[]>>();
const note = (what: string, runtime: string, value: number): void => {
  const row = figures.get(what) ?? new Map<string, number[]>();
  figures.set(what, row.set(runtime, [...(row.get(runtime) ?? []), value]));
};

interface Bundle {
  readonly id: string;
  readonly path: string;
}

let made = 0;
const podOf = (): string => `pod-${process.pid}-${made}`;
const bundle = (pod: string): Bundle => {
  made += 1;
  const id = `bench-${process.pid}-${made}`;
  const path = join(folder, id);
  mkdirSync(path);
  const annotations = { 'io.kubernetes.cri.sandbox-id': pod };
  writeFileSync(join(path, 'config.json'), JSON.stringify({ ociVersion: '1.0.2', annotations }));
  const log = join(path, 'log');
  execFileSync('mkfifo', [log]);
  openSync(log, constants.O_RDWR | constants.O_NONBLOCK);
  return { id, path };
};

/** Answers stdout, and notes how long it took. */
const call = (
  runtime: keyof typeof runtimes,
  what: string,
  { id, path }: Bundle,
  ...action: string[]
): string => {
  const flags = ['-namespace', 'bench', '-address', address, '-publish-binary', '/bin/true', '-id', id];
  const from = performance.now();
  const { stdout, stderr, status } = spawnSync(runtimes[runtime], [...flags, ...action], {
    cwd: path,
    env: { ...process.env, TTRPC_ADDRESS: `${address}.ttrpc` },
  });
  note(what, runtime, performance.now() - from);
  if (status !== 0) throw new Error(`${runtime} ${action.join(' ')}: ${stderr}${stdout}`);
  return stdout.toString().trim();
};

const noteMemory = (runtime: string, pid: number): void => {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mib = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(rollup)?.[1]) / 1024;
  note('RSS of an idle daemon, MiB', runtime, mib('Rss'));
  note('PSS of an idle daemon, MiB', runtime, mib('Pss'));
  note('private memory of an idle daemon, MiB', runtime, mib('Private_Dirty') + mib('Private_Clean'));
};

const round = async (runtime: keyof typeof runtimes): Promise<void> => {
  const pod = podOf();
  const [first, second] = [bundle(pod), bundle(pod)];
  const from = performance.now();
  const path = call(runtime, 'start, new group, ms', first, 'start').replace('unix://', '');
  const client = ttrpcClient(() => connect(path));
  const { shimPid } = await serviceClient(client, TaskDefinition).connect({ id: first.id });
  note('start, until the daemon has answered, ms', runtime, performance.now() - from);
  noteMemory(runtime, shimPid);
  client.close();
  call(runtime, 'start, live group, ms', second, 'start');
  process.kill(shimPid, 'SIGKILL');
  rmSync(path);
  // As the daemons leave it: ours when it has deleted the container, runc's when it has made it.
  writeFileSync(join(first.path, 'delete.response'), Uint8Array.of(8, 1));
  writeFileSync(join(first.path, 'runtime'), 'runc');
  call(runtime, 'delete, nothing left to do, ms', first, '-bundle', first.path, 'delete');
};

for (let turn = 0; turn < rounds; turn += 1) {
  const from = performance.now();
  spawnSync('/bin/true');
  note('spawning /bin/true, ms', '', performance.now() - from);
  await round('rxshim');
  if (existsSync(runtimes['runc-v2'])) await round('runc-v2');
}
events.close();
rmSync(folder, { recursive: true });

const shown = (values: number[]): string => {
  values.sort((a, b) => a - b);
  return `${quantile(values, 0.5).toFixed(1)} (${(values[0] ?? 0).toFixed(1)})`;
};
console.log(
  `${'median (best)'.padEnd(44)}${Object.keys(runtimes)
    .map((name) => name.padStart(16))
    .join('')}`,
);
for (const [what, row] of figures) {
  const cells = row.has('') ? [...row.values()] : Object.keys(runtimes).map((name) => row.get(name) ?? []);
  console.log(`${what.padEnd(44)}${cells.map((values) => shown(values).padStart(16)).join('')}`);
}
