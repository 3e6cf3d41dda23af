/**
 * `node scripts/tool.mjs bench/launcher [--quick]`: what containerd waits for when it starts our executable, beside runc's,
 * and how soon the daemon answers. Everything is installed into a folder of its own; needs to be root on Linux.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaskDefinition } from '../../src/shim/messages/index.js';
import { serviceClient, ttrpcClient } from '../../src/shim/ttrpc/index.js';
import { quantile } from './harness.js';

const rounds = process.argv.includes('--quick') ? 5 : 30;
const folder = mkdtempSync(join(tmpdir(), 'rxshim-bench-'));
const containerd = join(folder, 'containerd.sock');

execFileSync(process.execPath, ['dist/cli/main.js', 'shim', 'install', '--prefix', folder]);
const ours = join(folder, 'bin/containerd-shim-rxshim-v1');

let count = 0;
const bundle = (): { id: string; path: string } => {
  count += 1;
  const id = `bench-${process.pid}-${count}`;
  const path = join(folder, id);
  mkdirSync(path);
  const group = { 'io.kubernetes.cri.sandbox-id': `pod-${process.pid}` };
  writeFileSync(join(path, 'config.json'), JSON.stringify({ ociVersion: '1.0.2', annotations: {} }));
  writeFileSync(join(path, 'pod.json'), JSON.stringify({ ociVersion: '1.0.2', annotations: group }));
  return { id, path };
};

const call = (binary: string, { id, path }: { id: string; path: string }, ...action: string[]): string => {
  const flags = ['-namespace', 'bench', '-address', containerd, '-publish-binary', '/bin/true', '-id', id];
  const { stdout, stderr, status } = spawnSync(binary, [...flags, ...action], {
    cwd: path,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${binary} ${action}: ${stderr || stdout}`);
  return stdout.trim().replace('unix://', '');
};

const timed = (act: () => void): number => {
  const from = performance.now();
  act();
  return performance.now() - from;
};

const shutdown = async (path: string): Promise<void> => {
  const client = ttrpcClient(() => connect(path));
  await serviceClient(client, TaskDefinition).shutdown({ id: '', now: true });
  await client.closed;
};

const memory = (pid: number): { rss: number; pss: number; anonymous: number } => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(text)?.[1]) / 1024;
  return { rss: kib('Rss'), pss: kib('Pss'), anonymous: kib('Private_Dirty') };
};

const times: Record<string, number[]> = {};
const add = (name: string, value: number): void => {
  times[name] = [...(times[name] ?? []), value];
};

const startAndEnd = async (name: string, binary: string): Promise<void> => {
  const made = bundle();
  let path = '';
  const from = performance.now();
  const start = timed(() => {
    path = call(binary, made, 'start');
  });
  add(`start, new group: ${name}`, start);
  const client = ttrpcClient(() => connect(path));
  const { shimPid } = await serviceClient(client, TaskDefinition).connect({ id: '' });
  add(`daemon has answered after: ${name}`, performance.now() - from);
  const { rss, pss, anonymous } = memory(shimPid);
  add(`RSS (MiB): ${name}`, rss);
  add(`PSS, alone (MiB): ${name}`, pss);
  add(`private (MiB): ${name}`, anonymous);
  client.close();

  const joining = bundle();
  writeFileSync(join(made.path, 'config.json'), readFileSync(join(made.path, 'pod.json')));
  writeFileSync(join(joining.path, 'config.json'), readFileSync(join(made.path, 'pod.json')));
  await shutdown(path);
  const first = call(binary, made, 'start');
  const answered = ttrpcClient(() => connect(first));
  await serviceClient(answered, TaskDefinition).connect({ id: '' });
  add(
    `start, live group: ${name}`,
    timed(() => call(binary, joining, 'start')),
  );
  answered.close();
  // Joining was a promise to be there for a while.
  process.kill(shimOf(first), 'SIGTERM');
};

const shimOf = (path: string): number => {
  const [pid] = execFileSync('pgrep', ['-f', `daemon .*${path}|${join(folder)}.*${path}`], {
    encoding: 'utf8',
  }).split('\n');
  return Number(pid);
};

for (let round = 0; round < rounds; round += 1) {
  add(
    'spawning true',
    timed(() => spawnSync('/bin/true')),
  );
  await startAndEnd('rxshim', ours);
  const done = bundle();
  writeFileSync(join(done.path, 'delete.response'), Uint8Array.of(8, 1));
  add(
    'delete, nothing to do: rxshim',
    timed(() => call(ours, done, '-bundle', done.path, 'delete')),
  );
}

for (const [name, values] of Object.entries(times)) {
  values.sort((a, b) => a - b);
  const [best = 0, median] = [values[0], quantile(values, 0.5)];
  console.log(`${name.padEnd(44)}${median.toFixed(2).padStart(9)}${`(${best.toFixed(2)})`.padStart(12)}`);
}
rmSync(folder, { recursive: true });
