/**
 * The counters of the version 2 controllers, in the fields of containerd's `io.containerd.cgroups.v2.Metrics`.
 */
import { hugePageSizes } from './huge-pages.js';
import { type Pressure, pressure } from './pressure.js';
import { type Camel, count, counters, readCount, readCounts, readDevices, readText } from './read.js';

const times = [
  'usage_usec',
  'user_usec',
  'system_usec',
  'nr_periods',
  'nr_throttled',
  'throttled_usec',
] as const;
const events = ['low', 'high', 'max', 'oom', 'oom_kill'] as const;
const memoryNames = [
  'anon',
  'file',
  'kernel_stack',
  'slab',
  'sock',
  'shmem',
  'file_mapped',
  'file_dirty',
  'file_writeback',
  'anon_thp',
  'inactive_anon',
  'active_anon',
  'inactive_file',
  'active_file',
  'unevictable',
  'slab_reclaimable',
  'slab_unreclaimable',
  'pgfault',
  'pgmajfault',
  'workingset_refault',
  'workingset_activate',
  'workingset_nodereclaim',
  'pgrefill',
  'pgscan',
  'pgsteal',
  'pgactivate',
  'pgdeactivate',
  'pglazyfree',
  'pglazyfreed',
  'thp_fault_alloc',
  'thp_collapse_alloc',
] as const;

/** Counters of the kernel, with their names in camel case. */
export type Counters<N extends string> = { readonly [K in N as Camel<K>]: bigint };

/** The statistics of a container under cgroup v2. */
export interface CgroupV2Stats {
  readonly pids: { readonly current: bigint; readonly limit: bigint } | undefined;
  /** Microseconds and counts of periods. */
  readonly cpu: (Counters<(typeof times)[number]> & Pressured) | undefined;
  readonly memory: MemoryStats | undefined;
  readonly rdma: { readonly current: RdmaUse[]; readonly limit: RdmaUse[] } | undefined;
  readonly io: ({ readonly usage: DeviceIo[] } & Pressured) | undefined;
  readonly hugetlb: HugePageUse[];
  readonly memoryEvents: Counters<(typeof events)[number]> | undefined;
}

/** Bytes, except for event counts. A limit of 2^64 - 1 means none. */
export interface MemoryStats extends Counters<(typeof memoryNames)[number]>, Pressured {
  readonly usage: bigint;
  readonly usageLimit: bigint;
  readonly swapUsage: bigint;
  readonly swapLimit: bigint;
  /** The highest usage so far. 0 where the kernel does not keep it (before Linux 5.19, and 6.5 for swap). */
  readonly maxUsage: bigint;
  readonly swapMaxUsage: bigint;
}

/** How long processes had to wait for the resource; absent where the kernel does not count it. */
export interface Pressured {
  readonly psi: Pressure | undefined;
}

/** A limit of 2^32 - 1 means none. */
export interface RdmaUse {
  readonly device: string;
  readonly hcaHandles: number;
  readonly hcaObjects: number;
}

/** Bytes and operations. */
export interface DeviceIo {
  readonly major: bigint;
  readonly minor: bigint;
  readonly rbytes: bigint;
  readonly wbytes: bigint;
  readonly rios: bigint;
  readonly wios: bigint;
}

/** Bytes, for one page size. A limit of 2^64 - 1 means none. */
export interface HugePageUse {
  readonly current: bigint;
  readonly max: bigint;
  readonly pagesize: string;
}

const unlimited = 2n ** 64n - 1n;

export const statsV2 = (directory: string): CgroupV2Stats => {
  const cpu = readCounts(directory, 'cpu.stat');
  const memoryEvents = readCounts(directory, 'memory.events');
  return {
    pids: pids(directory),
    cpu: cpu && { ...counters(cpu, times), psi: pressure(directory, 'cpu') },
    memory: memory(directory),
    rdma: rdma(directory),
    io: io(directory),
    hugetlb: hugePageSizes(directory).map((pagesize) => ({
      pagesize,
      current: readCount(directory, `hugetlb.${pagesize}.current`) ?? 0n,
      max: readCount(directory, `hugetlb.${pagesize}.max`, unlimited) ?? 0n,
    })),
    memoryEvents: memoryEvents && counters(memoryEvents, events),
  };
};

const pids = (directory: string): CgroupV2Stats['pids'] => {
  const current = readCount(directory, 'pids.current');
  if (current === undefined) return undefined;
  return { current, limit: readCount(directory, 'pids.max', unlimited) ?? 0n };
};

const memory = (directory: string): MemoryStats | undefined => {
  const counted = readCounts(directory, 'memory.stat');
  if (counted === undefined) return undefined;
  return {
    ...counters(counted, memoryNames),
    usage: readCount(directory, 'memory.current') ?? 0n,
    usageLimit: readCount(directory, 'memory.max', unlimited) ?? 0n,
    swapUsage: readCount(directory, 'memory.swap.current') ?? 0n,
    swapLimit: readCount(directory, 'memory.swap.max', unlimited) ?? 0n,
    maxUsage: readCount(directory, 'memory.peak') ?? 0n,
    swapMaxUsage: readCount(directory, 'memory.swap.peak') ?? 0n,
    psi: pressure(directory, 'memory'),
  };
};

const rdma = (directory: string): CgroupV2Stats['rdma'] => {
  const [current, limit] = [rdmaUse(directory, 'rdma.current'), rdmaUse(directory, 'rdma.max')];
  return current && limit ? { current, limit } : undefined;
};

const unlimitedRdma = 2 ** 32 - 1;

/** Lines `mlx4_0 hca_handle=2 hca_object=max`. */
const rdmaUse = (directory: string, name: string): RdmaUse[] | undefined =>
  readText(directory, name)
    ?.split('\n')
    .flatMap((line) => {
      const [, device, handles, objects] =
        /^(\S+) hca_handle=(\d+|max) hca_object=(\d+|max)$/.exec(line) ?? [];
      if (device === undefined) return [];
      const number = (text: string | undefined) => (text === 'max' ? unlimitedRdma : Number(text));
      return [{ device, hcaHandles: number(handles), hcaObjects: number(objects) }];
    });

const io = (directory: string): CgroupV2Stats['io'] => {
  const lines = readDevices(directory, 'io.stat');
  if (lines === undefined) return undefined;
  return {
    psi: pressure(directory, 'io'),
    usage: lines.map(({ major, minor, words }) => {
      const counted = new Map(words.map((word) => word.split('=') as [string, string]));
      const field = (name: string) => count(counted.get(name)) ?? 0n;
      return {
        major,
        minor,
        rbytes: field('rbytes'),
        wbytes: field('wbytes'),
        rios: field('rios'),
        wios: field('wios'),
      };
    }),
  };
};
