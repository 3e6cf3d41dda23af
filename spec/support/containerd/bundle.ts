/** What a container is to run, as an OCI specification that runc accepts. */

export interface ContainerSpec {
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly terminal?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Kinds of namespace that the container shares with the host. */
  readonly shares?: readonly string[];
  /** Bytes of memory. */
  readonly memory?: number;
}

const capabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

export const processSpec = ({ args, env = [], cwd = '/', terminal = false }: ContainerSpec) => ({
  terminal,
  user: { uid: 0, gid: 0 },
  args,
  env: ['PATH=/bin', ...(terminal ? ['TERM=xterm'] : []), ...env],
  cwd,
  capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
});

export const ociSpec = (spec: ContainerSpec, cgroup: string) => ({
  ociVersion: '1.0.2',
  process: processSpec(spec),
  root: { path: 'rootfs' },
  annotations: spec.annotations ?? {},
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
    },
  ],
  linux: {
    cgroupsPath: cgroup,
    namespaces: ['pid', 'ipc', 'uts', 'mount', 'network']
      .filter((kind) => !spec.shares?.includes(kind))
      .map((type) => ({ type })),
    resources: {
      devices: [{ allow: true, access: 'rwm' }],
      ...(spec.memory === undefined ? {} : { memory: { limit: spec.memory } }),
    },
  },
});
