/**
 * Generates the OCI runtime document of a plain Linux container from a root filesystem and a command: its own
 * namespaces except for the network, the usual mounts, and the default capabilities of container engines.
 */
import type { ProcessSpec } from '../contract/process-spec.js';
import type { Fields } from './protocol/json.js';

const capabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
].map((name) => `CAP_${name}`);

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const mount = (destination: string, type: string, source: string, ...options: readonly string[]) => ({
  destination,
  type,
  source,
  options,
});

const mounts = [
  mount('/proc', 'proc', 'proc', 'nosuid', 'noexec', 'nodev'),
  mount('/dev', 'tmpfs', 'tmpfs', 'nosuid', 'strictatime', 'mode=755', 'size=65536k'),
  mount(
    '/dev/pts',
    'devpts',
    'devpts',
    'nosuid',
    'noexec',
    'newinstance',
    'ptmxmode=0666',
    'mode=0620',
    'gid=5',
  ),
  mount('/dev/shm', 'tmpfs', 'shm', 'nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'),
  mount('/dev/mqueue', 'mqueue', 'mqueue', 'nosuid', 'noexec', 'nodev'),
  mount('/sys', 'sysfs', 'sysfs', 'nosuid', 'noexec', 'nodev', 'ro'),
];

/**
 * Returns the OCI runtime document of a plain Linux container in a guest.
 *
 * @param process the process to run. By default as root in `/` with only a PATH.
 * @param rootfs a path in the guest.
 */
export const containerDocument = (process: ProcessSpec, rootfs: string): Fields => ({
  ociVersion: '1.0.2',
  process: {
    user: { uid: 0, gid: 0 },
    env: [`PATH=${path}`, ...(process.terminal ? ['TERM=xterm'] : [])],
    cwd: '/',
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    ...process,
  },
  root: { path: rootfs },
  mounts,
  linux: { resources: {}, namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
});
