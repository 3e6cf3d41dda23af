/**
 * What a run of specs or of a tool can leave on a machine: processes, mounts, folders, sockets, cgroups, state of runc.
 *
 * A run is known by its word, which stands in the environment of all its processes (`RXSHIM_RUN`) and in the name of the
 * folder that is its TMPDIR. Containers have other environments; their cgroup names the word.
 *
 *   node scripts/leftovers.mjs census FILE    keeps what is there of all runs
 *   node scripts/leftovers.mjs since FILE     exits 1, and says what it is, if there is more now
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const sockets = '/run/containerd/s';
const runtimeState = '/run/containerd/runc';
const cgroups = '/sys/fs/cgroup';

/** What is left of one run, in words. */
export function leftOf(/** @type {string} */ word, /** @type {string} */ folder) {
  return [
    ...processesOf(word).map((pid) => `process ${pid}: ${commandOf(pid)}`),
    ...mountsIn(folder).map((path) => `mount ${path}`),
    ...list(folder).map((name) => `folder ${join(folder, name)}`),
    ...cgroupsOf(word).map((path) => `cgroup ${path}`),
    ...list(runtimeState)
      .filter((name) => name.includes(word))
      .map((name) => `state of runc ${join(runtimeState, name)}`),
  ];
}

/** Ends and removes all of it. */
export async function remove(/** @type {string} */ word, /** @type {string} */ folder) {
  // Again, for what was being started.
  for (let looks = 0; looks < 100 && processesOf(word).length > 0; looks += 1) {
    for (const pid of processesOf(word)) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const path of mountsIn(folder).reverse()) spawnSync('umount', ['-l', path]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  for (const name of list(runtimeState).filter((name) => name.includes(word)))
    rmSync(join(runtimeState, name), { recursive: true, force: true });
  for (const path of cgroupsOf(word).reverse()) quietly(() => rmdirSync(path));
}

/** What killed daemons could not remove: stale sockets, and files for commands of dead processes. */
export async function removeOrphaned(/** @type {number} */ since) {
  const isRecent = (/** @type {string} */ path) => quietly(() => statSync(path).mtimeMs >= since) ?? false;
  for (const path of scratchFolders().filter(isRecent)) {
    const pid = /\/rxshim-runc-.*?(\d+)-[^-]*$/.exec(path)?.[1];
    if (pid !== undefined && list(`/proc/${pid}`).length === 0)
      rmSync(path, { recursive: true, force: true });
  }
  for (const path of list(sockets)
    .map((name) => join(sockets, name))
    .filter(isRecent))
    if (!(await isListenedOn(path))) rmSync(path, { force: true });
}

/** Of all runs but those that go on at this moment, to compare the machine before and after. */
export function censusOf() {
  const anyRun = /rxspec-|rxshim/;
  const others = runsGoingOn();
  const isOfOthers = (/** @type {string} */ each) => others.some((run) => run.test(each));
  return [
    ...list('/proc')
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .filter((pid) => /containerd-shim-rxshim|\/boot\.cjs|rxspec-/.test(commandOf(pid)))
      .map((pid) => `process ${pid}: ${commandOf(pid)}`),
    ...read('/proc/self/mountinfo')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((path) => anyRun.test(path))
      .map((path) => `mount ${path}`),
    ...list(sockets).map((name) => `socket ${join(sockets, name)}`),
    ...scratchFolders().map((path) => `folder ${path}`),
    ...list('/tmp')
      .filter((name) => anyRun.test(name))
      .map((name) => `folder /tmp/${name}`),
    ...list('/run')
      .filter((name) => anyRun.test(name))
      .map((name) => `folder /run/${name}`),
    // One with foreign processes in it is another program's: those of a run are found as processes.
    ...cgroupsOf('')
      .filter((path) => anyRun.test(path) || read(join(path, 'cgroup.procs')) === '')
      .map((path) => `cgroup ${path}`),
    ...list(runtimeState)
      .filter((name) => anyRun.test(name))
      .map((name) => `state of runc ${join(runtimeState, name)}`),
  ].filter((each) => !isOfOthers(each));
}

/** What identifies the leftovers of each of them. A run has a janitor as long as it goes on. */
function runsGoingOn() {
  const pids = list('/proc').filter((name) => /^\d+$/.test(name));
  const words = pids.flatMap((pid) => / \S*janitor\.mjs (rxspec-\w+) /.exec(commandOf(pid))?.[1] ?? []);
  const theirs = words.flatMap(processesOf);
  const listeners = theirs.flatMap((pid) => / -socket (\S+)/.exec(commandOf(pid))?.[1] ?? []);
  // Folders in memory name the process that made them.
  return [
    ...words,
    ...listeners,
    ...theirs.map((pid) => `^(folder /dev/shm/rxshim\\S*-|process )${pid}\\b`),
  ].map((pattern) => new RegExp(pattern));
}

const processesOf = (/** @type {string} */ word) =>
  list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && belongs(pid, word));

const belongs = (/** @type {number} */ pid, /** @type {string} */ word) =>
  ['environ', 'cmdline', 'cgroup'].some((file) => read(`/proc/${pid}/${file}`).includes(word)) &&
  // One that has ended and is not reaped yet has no command.
  commandOf(pid) !== '' &&
  // It ends with the process that has loaded esbuild, which may be the run itself.
  !commandOf(pid).includes('/esbuild --service=');

const commandOf = (/** @type {number | string} */ pid) =>
  read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 300);

const mountsIn = (/** @type {string} */ folder) =>
  read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));

const scratchFolders = () =>
  list('/dev/shm')
    .filter((name) => name.startsWith('rxshim'))
    .map((name) => join('/dev/shm', name));

/** Two levels deep, in every hierarchy; an outer one before what is in it. */
const cgroupsOf = (/** @type {string} */ word) => {
  const inside = (/** @type {string} */ at) =>
    list(at)
      .map((name) => join(at, name))
      .filter((path) => list(path).includes('cgroup.procs'));
  const roots = [cgroups, ...inside(cgroups)];
  const outer = [...new Set(roots.flatMap(inside))].filter((path) => !roots.includes(path));
  return [...outer, ...outer.flatMap(inside)].filter((path) => path.includes(word));
};

const isListenedOn = (/** @type {string} */ path) =>
  new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.once('error', () => resolve(false)).once('close', () => socket.destroy());
    socket.unref();
  });

/** @type {(path: string) => string[]} */
function list(path) {
  return quietly(() => readdirSync(path)) ?? [];
}

function read(/** @type {string} */ path) {
  return quietly(() => readFileSync(path, 'latin1')) ?? '';
}

function kill(/** @type {number} */ pid) {
  quietly(() => process.kill(pid, 'SIGKILL'));
}

/**
 * What is looked at may be gone meanwhile.
 *
 * @template T
 * @param {() => T} look
 * @returns {T | undefined}
 */
function quietly(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}

async function main(/** @type {string | undefined} */ action, /** @type {string | undefined} */ file) {
  if (file === undefined || (action !== 'census' && action !== 'since')) {
    console.error('usage: node scripts/leftovers.mjs census|since FILE');
    return 2;
  }
  if (action === 'census') {
    writeFileSync(file, JSON.stringify(censusOf()));
    return 0;
  }
  const before = new Set(JSON.parse(readFileSync(file, 'utf8')));
  const left = () => censusOf().filter((each) => !before.has(each));
  // What is about to end has a moment for it.
  for (let looks = 0; looks < 50 && left().length > 0; looks += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  for (const each of left()) console.error(`left behind: ${each}`);
  return left().length === 0 ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  process.exitCode = await main(process.argv[2], process.argv[3]);
}
