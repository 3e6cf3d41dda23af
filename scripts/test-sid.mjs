/**
 * `npm run test:sid [-- [--full] [--docker] [--root DIR] [-t PATTERN] [NAME…]]`: the specs of containers with the programs of Debian's
 * development suite: containerd 2, newer runc and crun, Docker and criu.
 *
 * They run in a root of their own (see sid-root.mjs) with private mounts and processes, so that the host keeps what it has
 * and whatever they leave ends with the first process. Without a root, since sid moves, the specs are reported as skipped.
 * `--docker` runs the specs of rxshim/docker in place of the others, against Docker's and Podman's services of sid.
 * `--full` adds the slow ones; `--root DIR` keeps the root for the next run.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensure } from './ensure.mjs';
import { dockerPackages, makeSidRoot, versionsIn } from './sid-root.mjs';

const checkout = realpathSync(fileURLToPath(new URL('..', import.meta.url)));

/** What the newer programs may change. The others need no more than one containerd. */
const quick = ['ctr-run', 'ctr-exec', 'rootfs', 'task-life', 'grouping'];

const { values, positionals } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    docker: { type: 'boolean', default: false },
    root: { type: 'string' },
    // Jest's: only specs whose title matches.
    testNamePattern: { type: 'string', short: 't' },
  },
  allowPositionals: true,
});

const specs = () => {
  const list = (/** @type {string} */ folder, /** @type {RegExp} */ pattern) =>
    readdirSync(join(checkout, folder))
      .filter((name) => pattern.test(name))
      .map((name) => `${folder}/${name}`);
  const shared = list('spec/shim/containerd', /\.spec\.ts$/).filter(
    (file) => values.full || quick.some((name) => file.endsWith(`/${name}.spec.ts`)),
  );
  const all = values.docker
    ? [...list('spec/contract', /^docker.*\.spec\.ts$/), ...list('spec/hcs/docker', /\.spec\.ts$/)]
    : [...list('spec/sid', /\.sid-spec\.ts$/), ...shared];
  return positionals.length === 0
    ? all
    : all.filter((file) => positionals.some((name) => file.includes(name)));
};

/** Run by sh in the new namespaces: mounts what the root needs, and goes into it. */
const enter = `
set -e
umask 022
root=$1 checkout=$2 node=$3; shift 3
# A root that runtimes and criu take for one is a mount.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
# crun takes a machine with this mount for one that has controllers of version 2, which a hybrid one has not. Without it
# it makes the directories all the same: in a file system that ends with these namespaces.
unified="$root/sys/fs/cgroup/unified"
if [ -d "$root/sys/fs/cgroup/memory" ] && umount "$unified" 2>/dev/null; then mount -t tmpfs tmpfs "$unified"; fi
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mkdir -p "$root$checkout" "$root$(dirname "$node")" "$root/run/lock" "$root/mnt"
touch "$root$node"
mount --rbind "$checkout" "$root$checkout"
mount --bind "$node" "$root$node"
cd "$root"
pivot_root . mnt
exec chroot . sh -c 'umount -l /mnt; cd "$1"; shift; exec tini-static -s -- "$@"' sh "$checkout" "$@" </dev/null
`;

const runSpecs = (/** @type {string} */ root, /** @type {string} */ prefix) => {
  const jest = [
    process.execPath,
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
  ];
  const { testNamePattern } = values;
  const options = testNamePattern === undefined ? [] : ['--testNamePattern', testNamePattern];
  const { status } = spawnSync(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', enter, 'sh', root, checkout],
      ...[
        process.execPath,
        ...jest,
        ...options,
        '--testMatch=**/*{.,sid-}spec.ts',
        '--runTestsByPath',
        ...specs(),
      ],
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        TMPDIR: '/tmp',
        ...(process.env['CI'] && { CI: process.env['CI'] }),
        RXSHIM_SPEC_INSTALLED: prefix,
        RXSHIM_SID_FULL: String(values.full),
        ...(values.docker && { RXSHIM_FULL: String(values.full) }),
        ...(process.env['RXSHIM_SPEC_RUNTIME'] && {
          RXSHIM_SPEC_RUNTIME: process.env['RXSHIM_SPEC_RUNTIME'],
        }),
      },
    },
  );
  return status ?? 1;
};

const install = (/** @type {string} */ prefix) => {
  const command = ['dist/cli/main.js', 'shim', 'install', '--prefix', prefix];
  const { status } = spawnSync(process.execPath, command, {
    cwd: checkout,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the shim cannot be installed');
};

/** Why the work failed, if it did. */
const reasonWithout = (/** @type {() => void} */ work) => {
  try {
    work();
    return undefined;
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
};

await ensure();
const scratch = mkdtempSync(join(tmpdir(), 'rxshim-sid-'));
const root = values.root === undefined ? join(scratch, 'root') : resolve(values.root);
// In the checkout, which the root sees in the same place.
const prefix = mkdtempSync(join(checkout, 'dist.sid-'));
try {
  mkdirSync(root, { recursive: true });
  const missing = reasonWithout(() => makeSidRoot(root, values.docker ? dockerPackages : []));
  if (missing !== undefined) {
    console.log(`skipped: no root of Debian sid: ${missing}`);
  } else {
    console.log(`Debian sid: ${versionsIn(root)}`);
    install(prefix);
    process.exitCode = runSpecs(root, prefix);
  }
} finally {
  rmSync(prefix, { recursive: true, force: true });
  rmSync(scratch, { recursive: true, force: true });
}
