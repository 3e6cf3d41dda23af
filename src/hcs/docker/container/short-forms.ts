/**
 * Short forms of the create options that most containers need, and what they are in the names of the Engine API.
 */
import { invalid } from '../../failures/errors.js';
import { requireKnown } from '../../failures/refuse-unknown.js';
import { mapOf, text } from './check-create.js';
import type { ContainerCreate, HostConfig, MountPoint, PortBinding } from './create-types.js';

/** A mount by a short form: a path of the host or the name of a volume, and where it appears in the container. */
export interface ShortMount {
  /** An absolute path of the daemon's host, or the name of a volume. Absent: a tmpfs. */
  readonly source?: string;
  readonly target: string;
  readonly readonly?: boolean;
}

/** Short forms of options, as `docker run` has them. */
export interface ShortForms {
  /** Replaces the image's command. */
  readonly command?: readonly string[];
  /** Replaces the image's entry point; an empty list removes it. */
  readonly entrypoint?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The working directory. */
  readonly workdir?: string;
  /** A name or number, with a group after a colon if need be. */
  readonly user?: string | number;
  readonly hostname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** In bytes, or as text: `512m`, `2g`. What is used beyond it is not swapped out, but ends a process. */
  readonly memory?: number | string;
  /** How many processors it may use at a time: 0.5, 2. */
  readonly cpus?: number;
  /** How many processes and threads may run at a time. */
  readonly pidsLimit?: number;
  /** `none`, `bridge`, `host`, or the name of a network. */
  readonly network?: string;
  /** Ports of the container: a number alone gets any free port of the host's loopback address. */
  readonly ports?: readonly (number | string)[];
  readonly mounts?: readonly ShortMount[];
  /** Whether its root filesystem is read-only. */
  readonly readonly?: boolean;
  /** The signal that `stop` sends. Default: that of the image, or SIGTERM. */
  readonly stopSignal?: string;
  /** Whether a small init that reaps orphans runs as the first process. */
  readonly init?: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The document for a container: the API's own fields, and what the short forms stand for. */
export const applyShortForms = (given: ContainerCreate, short: ShortForms): ContainerCreate => {
  const create: Mutable<ContainerCreate> = { ...given };
  const host: Mutable<HostConfig> = { ...given.HostConfig };

  const set = <K extends keyof ContainerCreate & string>(
    from: keyof ShortForms,
    to: K,
    value: ContainerCreate[K],
  ): void => {
    if (create[to] !== undefined) throw twice(from, short[from], to);
    create[to] = value;
  };
  const setHost = <K extends keyof HostConfig & string>(
    from: keyof ShortForms,
    to: K,
    value: HostConfig[K],
  ): void => {
    if (host[to] !== undefined) throw twice(from, short[from], `HostConfig.${to}`);
    host[to] = value;
  };

  const { command, entrypoint, env, workdir, user, hostname, labels, memory, cpus, pidsLimit } = short;
  if (command !== undefined) set('command', 'Cmd', texts('command', command));
  if (entrypoint !== undefined) {
    // An empty list means nothing to the API; a list with an empty text removes the image's own.
    const list = texts('entrypoint', entrypoint);
    set('entrypoint', 'Entrypoint', list.length === 0 ? [''] : list);
  }
  if (env !== undefined) {
    mapOf(text)('env', env);
    set(
      'env',
      'Env',
      Object.entries(env).map(([name, value]) => `${name}=${value}`),
    );
  }
  if (workdir !== undefined) set('workdir', 'WorkingDir', checked('workdir', workdir));
  if (user !== undefined)
    set('user', 'User', typeof user === 'number' ? String(user) : checked('user', user));
  if (hostname !== undefined) set('hostname', 'Hostname', checked('hostname', hostname));
  if (labels !== undefined) {
    mapOf(text)('labels', labels);
    set('labels', 'Labels', labels);
  }
  if (memory !== undefined) {
    const bytes = bytesOf('memory', memory);
    setHost('memory', 'Memory', bytes);
    // Without this as much again may be swapped.
    if (host.MemorySwap === undefined) host.MemorySwap = bytes;
  }
  if (cpus !== undefined) {
    if (typeof cpus !== 'number' || !(cpus > 0)) throw invalid('cpus', cpus, 'a number above 0');
    setHost('cpus', 'NanoCpus', Math.round(cpus * 1e9));
  }
  if (pidsLimit !== undefined) {
    if (!Number.isSafeInteger(pidsLimit) || pidsLimit < 1)
      throw invalid('pidsLimit', pidsLimit, 'a whole number above 0');
    setHost('pidsLimit', 'PidsLimit', pidsLimit);
  }
  if (short.network !== undefined) setHost('network', 'NetworkMode', checked('network', short.network));
  if (short.mounts !== undefined) setHost('mounts', 'Mounts', list('mounts', short.mounts).map(mountPoint));
  if (short.readonly !== undefined) setHost('readonly', 'ReadonlyRootfs', isSet('readonly', short.readonly));
  if (short.init !== undefined) setHost('init', 'Init', isSet('init', short.init));
  if (short.stopSignal !== undefined)
    set('stopSignal', 'StopSignal', checked('stopSignal', short.stopSignal));
  if (short.ports !== undefined) {
    const bindings = portsOf(short.ports);
    setHost('ports', 'PortBindings', bindings);
    create.ExposedPorts = {
      ...create.ExposedPorts,
      ...Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    };
  }
  return Object.keys(host).length === 0 ? create : { ...create, HostConfig: host };
};

/** 512, `512`, `512b`, `64k`, `512m`, `2g`: in bytes. */
export const bytesOf = (field: string, value: unknown): number => {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(String(value)) ?? [];
  const bytes = Math.round(Number(digits) * 1024 ** 'bkmg'.indexOf(unit.toLowerCase() || 'b'));
  if (!Number.isSafeInteger(bytes) || bytes < 1 || !['string', 'number'].includes(typeof value))
    throw invalid(field, value, 'a number of bytes, or a text such as 512m or 2g');
  return bytes;
};

const mountPoint = (mount: ShortMount, index: number): MountPoint => {
  const field = `mounts[${index}]`;
  requireKnown(field, mount, ['source', 'target', 'readonly']);
  const { source, target, readonly } = mount;
  if (typeof target !== 'string' || !target.startsWith('/'))
    throw invalid(`${field}.target`, target, 'an absolute path');
  if (source === undefined) return { Type: 'tmpfs', Target: target };
  checked(`${field}.source`, source);
  const isPath = source.startsWith('/') || /^[a-z]:[\\/]/i.test(source);
  return {
    Type: isPath ? 'bind' : 'volume',
    Source: source,
    Target: target,
    ...(readonly !== undefined && { ReadOnly: isSet(`${field}.readonly`, readonly) }),
  };
};

const portsOf = (ports: readonly (number | string)[]): Record<string, PortBinding[]> => {
  const bindings: Record<string, PortBinding[]> = {};
  list('ports', ports).forEach((port, index) => {
    // As the docker command has it: [[ADDRESS:]PORT:]PORT[/PROTOCOL].
    const [, address, hostPort, inside, protocol = 'tcp'] =
      /^(?:(?:(\[[\da-f:]+\]|[\d.]+):)?(\d*):)?(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(String(port)) ?? [];
    if (inside === undefined || Number(inside) > 65_535 || Number(hostPort ?? 0) > 65_535)
      throw invalid(`ports[${index}]`, port, 'a port, or [[ADDRESS:]PORT:]PORT[/PROTOCOL]');
    const binding = { HostIp: address?.replace(/[[\]]/g, '') ?? '127.0.0.1', HostPort: hostPort ?? '' };
    const name = `${inside}/${protocol.toLowerCase()}`;
    bindings[name] = [...(bindings[name] ?? []), binding];
  });
  return bindings;
};

const twice = (from: string, value: unknown, to: string) => invalid(from, value, `no value beside ${to}`);

const checked = (field: string, value: unknown): string => {
  text(field, value);
  return value as string;
};

const isSet = (field: string, value: unknown): boolean => {
  if (typeof value !== 'boolean') throw invalid(field, value, 'true or false');
  return value;
};

const list = <T>(field: string, values: readonly T[]): readonly T[] => {
  if (!Array.isArray(values)) throw invalid(field, values, 'a list');
  return values;
};

const texts = (field: string, values: readonly string[]): readonly string[] => {
  list(field, values).forEach((value, index) => text(`${field}[${index}]`, value));
  return values;
};
