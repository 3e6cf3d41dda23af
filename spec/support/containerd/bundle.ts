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
  /** The user and group that the process runs as. Default: 0. */
  readonly user?: number;
  /** A user namespace of its own, whose ids from 0 on are those of the host from here on. */
  readonly idsFrom?: number;
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

export const processSpec = ({ args, env = [], cwd = '/', terminal = false, user = 0 }: ContainerSpec) => ({
  terminal,
  user: { uid: user, gid: user },
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
    namespaces: ['pid', 'ipc', 'uts', 'mount', 'network', ...(spec.idsFrom === undefined ? [] : ['user'])]
      .filter((kind) => !spec.shares?.includes(kind))
      .map((type) => ({ type })),
    ...(spec.idsFrom !== undefined && {
      uidMappings: mapped(spec.idsFrom),
      gidMappings: mapped(spec.idsFrom),
    }),
    resources: {
      devices: [{ allow: true, access: 'rwm' }],
      ...(spec.memory === undefined ? {} : { memory: { limit: spec.memory } }),
    },
  },
});

const mapped = (hostID: number) => [{ containerID: 0, hostID, size: 65_536 }];
