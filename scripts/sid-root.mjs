/**
 * A root filesystem with today's container programs, from Debian's development suite (sid).
 *
 * The packages are downloaded by apt, which checks their signatures with the host's keyring, and unpacked side by side: no
 * maintainer script runs, nothing is configured, and no package of the host changes. Nothing but the specs runs in it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** With what the specs themselves run. Libraries come with them, by their dependencies. */
const packages = [
  ...['containerd', 'runc', 'crun', 'docker.io', 'docker-cli', 'criu', 'tini-static', 'busybox-static'],
  ...[
    'bash',
    'coreutils',
    'dash',
    'debianutils',
    'grep',
    'gzip',
    'mount',
    'sed',
    'strace',
    'tar',
    'util-linux',
  ],
  // For the host's node.
  ...['libstdc++6', 'libatomic1'],
];

/** Podman's service, and what it and Docker's need beyond what the other specs do: 25 MB more. */
export const dockerPackages = ['podman', 'conmon', 'netavark', 'passt', 'procps'];

/** Below /usr: links that update-alternatives would make. criu locks the network by iptables. */
const alternatives = [
  ['bin/sh', 'dash'],
  ['bin/which', 'which.debianutils'],
  ...[
    'iptables',
    'iptables-restore',
    'iptables-save',
    'ip6tables',
    'ip6tables-restore',
    'ip6tables-save',
  ].map((name) => [`sbin/${name}`, 'xtables-nft-multi']),
].map(([name = '', target = '']) => /** @type {const} */ ([name, target]));

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Makes the root in `folder`, or leaves one that is whole as it is.
 *
 * @throws Error with the reason, where sid cannot be had: no root user, no Debian, no mirror, packages that sid lacks today.
 */
export function makeSidRoot(/** @type {string} */ folder, /** @type {readonly string[]} */ more = []) {
  const whole = join(folder, '.whole');
  const wanted = [...packages, ...more].join(' ');
  if (existsSync(whole) && readFileSync(whole, 'utf8').startsWith(wanted)) return;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('it takes root on Linux');
  if (!existsSync(keyring)) throw new Error(`it takes Debian's keys: ${keyring}`);
  const debs = download(join(folder, '.apt'), more);
  // It holds the links from /bin, /lib and /sbin into /usr, through which the others are unpacked.
  debs.sort((a, b) => Number(b.includes('/base-files_')) - Number(a.includes('/base-files_')));
  for (const deb of debs) must('dpkg-deb', ['--extract', deb, folder]);
  prepare(folder);
  writeFileSync(whole, wanted);
}

/** The versions in it of the programs that the specs are about. */
export function versionsIn(/** @type {string} */ folder) {
  const names = readdirSync(join(folder, '.apt/cache/archives'));
  return names
    .map((name) => name.split('_'))
    .filter(([name = '']) => /^(containerd|runc|crun|docker\.io|podman|criu)$/.test(name))
    .map(([name, version = '']) => `${name} ${decodeURIComponent(version)}`)
    .join(', ');
}

/** An apt with folders of its own, for which nothing is installed yet. Answers the files of all packages. */
function download(/** @type {string} */ apt, /** @type {readonly string[]} */ more) {
  const archives = join(apt, 'cache/archives');
  for (const each of [
    'etc/preferences.d',
    'etc/apt.conf.d',
    'state/lists/partial',
    'cache/archives/partial',
    'log',
  ])
    mkdirSync(join(apt, each), { recursive: true });
  writeFileSync(join(apt, 'status'), '');
  writeFileSync(join(apt, 'etc/sources.list'), `deb [signed-by=${keyring}] ${mirror()} sid main\n`);
  const options = [
    ...['Dir::Etc=etc', 'Dir::State=state', 'Dir::State::status=status', 'Dir::Cache=cache', 'Dir::Log=log'],
    ...['APT::Install-Recommends=false', 'Acquire::Languages=none', 'Acquire::Retries=2'],
    ...['APT::Sandbox::User=root', 'APT::Keep-Downloaded-Packages=true'],
  ].map((option) => option.replace(/^(Dir::.*=)/, `$1${apt}/`));
  const flags = ['-qq', '--yes', ...options.flatMap((option) => ['-o', option])];
  must('apt-get', [...flags, 'update']);
  must('apt-get', [...flags, '--download-only', 'install', 'base-files', ...packages, ...more]);
  return readdirSync(archives)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(archives, name));
}

/** That of the host's own packages. */
function mirror() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ].filter((path) => existsSync(path));
  const addresses = files.flatMap((path) => [
    ...readFileSync(path, 'utf8').matchAll(/^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s*(\S+)/gm),
  ]);
  return (
    addresses.map(([, address = '']) => address).find((address) => /\/debian\/?$/.test(address)) ??
    'http://deb.debian.org/debian'
  );
}

/** What maintainer scripts would have done, as far as the programs need it. */
function prepare(/** @type {string} */ folder) {
  for (const each of ['dev', 'proc', 'sys', 'run', 'tmp', 'root', 'etc', 'var/lib', 'var/tmp'])
    mkdirSync(join(folder, each), { recursive: true });
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\n');
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\ndocker:x:999:\n');
  writeFileSync(join(folder, 'etc/hosts'), '127.0.0.1 localhost\n');
  for (const [name, target] of alternatives) {
    const link = join(folder, 'usr', name);
    if (!existsSync(link)) symlinkSync(target, link);
  }
}

function must(/** @type {string} */ command, /** @type {string[]} */ args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status === 0) return;
  const why = error?.message ?? `${stdout}${stderr}`.trim();
  throw new Error(`${command}: ${why.slice(-1000)}`);
}
