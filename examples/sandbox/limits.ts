/** What untrusted code may use. */
import type { DockerOptions } from 'rxshim/docker';

export interface Limits {
  /** Milliseconds. */
  readonly timeout: number;
  /** Of all its processes and files together, in bytes. */
  readonly memory: number;
  readonly processes: number;
  readonly cpus: number;
  /**
   * Of the files in `/tmp`, which is all that it can write to, in bytes. At most half of `memory`: files cannot be killed,
   * so files that fill all memory would end the container's first process.
   */
  readonly disk: number;
  /** Bytes, of stdout and stderr together. */
  readonly maxOutput: number;
}

const defaultLimits: Limits = {
  timeout: 10_000,
  memory: 64 * 2 ** 20,
  processes: 32,
  cpus: 1,
  disk: 16 * 2 ** 20,
  maxOutput: 1024 * 1024,
};

/** The runtime itself has some threads in the container while it starts a process. */
const spareProcesses = 16;

/** @throws RangeError for limits that contradict each other. */
export const resolveLimits = (given: Partial<Limits> = {}): Limits => {
  const limits = { ...defaultLimits, ...given };
  if (limits.disk > limits.memory / 2) throw new RangeError('disk: expected at most half of memory');
  return limits;
};

/** The container that enforces them. */
export const containerFor = ({ memory, processes, cpus, disk }: Limits): Omit<DockerOptions, 'image'> => ({
  network: 'none',
  readonly: true,
  memory,
  cpus,
  pidsLimit: processes + spareProcesses,
  HostConfig: {
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    // Podman makes /var/tmp writable, too. All of it counts as memory.
    Tmpfs: { '/tmp': `exec,nosuid,nodev,size=${disk}`, '/var/tmp': 'size=64k' },
    // Writable for every user in any container.
    ShmSize: 64 * 1024,
  },
});

/** The user of untrusted code: it owns no file. */
export const unprivilegedUser = { uid: 65_534, gid: 65_534 };
