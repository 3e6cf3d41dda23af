/**
 * The options that a container is created with, in the names of the Engine API (`POST /containers/create`). The fields that rxshim
 * checks have types; any other of the API may be given as well and is passed on.
 */

export interface ContainerCreate {
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly User?: string;
  /** `NAME=value` pairs. */
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly Volumes?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number;
  readonly Healthcheck?: Healthcheck;
  readonly NetworkDisabled?: boolean;
  readonly HostConfig?: HostConfig;
  readonly NetworkingConfig?: Readonly<Record<string, unknown>>;
  readonly [field: Capitalize<string>]: unknown;
}

/** The health check of a container, as the Docker API has it. */
export interface Healthcheck {
  readonly Test?: readonly string[];
  /** Nanoseconds, as all times here. */
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
  readonly [field: Capitalize<string>]: unknown;
}

/** The host configuration of a container, as the Docker API has it. */
export interface HostConfig {
  /** Bytes. */
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly MemoryReservation?: number;
  /** In billionths of a processor. */
  readonly NanoCpus?: number;
  readonly CpuShares?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpusetCpus?: string;
  readonly PidsLimit?: number;
  readonly Binds?: readonly string[];
  readonly Mounts?: readonly MountPoint[];
  readonly Tmpfs?: Readonly<Record<string, string>>;
  readonly NetworkMode?: string;
  readonly PortBindings?: Readonly<Record<string, readonly PortBinding[]>>;
  readonly PublishAllPorts?: boolean;
  readonly Privileged?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly CapAdd?: readonly string[];
  readonly CapDrop?: readonly string[];
  readonly SecurityOpt?: readonly string[];
  readonly ExtraHosts?: readonly string[];
  readonly Dns?: readonly string[];
  readonly GroupAdd?: readonly string[];
  readonly Init?: boolean;
  readonly AutoRemove?: boolean;
  readonly OomKillDisable?: boolean;
  readonly PidMode?: string;
  readonly IpcMode?: string;
  readonly UsernsMode?: string;
  readonly Runtime?: string;
  readonly ShmSize?: number;
  readonly Sysctls?: Readonly<Record<string, string>>;
  readonly StorageOpt?: Readonly<Record<string, string>>;
  readonly Ulimits?: readonly Readonly<Record<string, unknown>>[];
  readonly LogConfig?: Readonly<Record<string, unknown>>;
  readonly RestartPolicy?: Readonly<Record<string, unknown>>;
  readonly [field: Capitalize<string>]: unknown;
}

/** A mount of a container, as the Docker API has it. */
export interface MountPoint {
  readonly Type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image';
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly [field: Capitalize<string>]: unknown;
}

/** A published port, as the Docker API has it. */
export interface PortBinding {
  readonly HostIp?: string;
  /** A number as text; empty or absent: any free one. */
  readonly HostPort?: string;
}
