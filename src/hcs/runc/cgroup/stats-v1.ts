/**
 * The counters of the version 1 controllers, in the fields of containerd's `io.containerd.cgroups.v1.Metrics`.
 */
import { type BlockIo, blockIo } from './block-io.js';
import { hugePageSizes } from './huge-pages.js';
import { type Camel, count, counters, readCount, readCounts, readText } from './read.js';

/** The statistics of a container under cgroup v1. */
export interface CgroupV1Stats {
  readonly hugetlb: HugePages[];
  readonly pids: { readonly current: bigint; readonly limit: bigint } | undefined;
  readonly cpu:
    | { readonly usage: CpuTime | undefined; readonly throttling: CpuThrottling | undefined }
    | undefined;
  readonly memory: (MemoryCounters & MemoryEntries) | undefined;
  readonly blkio: BlockIo | undefined;
  readonly rdma: undefined;
  readonly network: never[];
  readonly cgroupStats: undefined;
  readonly memoryOomControl:
    | { readonly oomKillDisable: bigint; readonly underOom: bigint; readonly oomKill: bigint }
    | undefined;
}

/** Bytes, for one page size. */
export interface HugePages {
  readonly usage: bigint;
  readonly max: bigint;
  readonly failcnt: bigint;
  readonly pagesize: string;
}

/** Nanoseconds. */
export interface CpuTime {
  readonly total: bigint;
  readonly kernel: bigint;
  readonly user: bigint;
  readonly perCpu: bigint[];
}

/** How often the CPU limit stopped processes of the cgroup, and for how long. */
export interface CpuThrottling {
  readonly periods: bigint;
  readonly throttledPeriods: bigint;
  /** Nanoseconds. */
  readonly throttledTime: bigint;
}

const ownNames = [
  'cache',
  'rss',
  'rss_huge',
  'mapped_file',
  'dirty',
  'writeback',
  'pgpgin',
  'pgpgout',
  'pgfault',
  'pgmajfault',
  'inactive_anon',
  'active_anon',
  'inactive_file',
  'active_file',
  'unevictable',
] as const satisfies readonly OwnMemoryName[];
const limitNames = [
  'hierarchical_memory_limit',
  'hierarchical_memsw_limit',
] as const satisfies readonly MemoryLimitName[];
const totals = ownNames.map((name) => `total_${name}` as const);

/** The counters of memory.stat that exist for the cgroup alone, and as totals (`total_…`) with those below it. */
export type OwnMemoryName =
  | 'cache'
  | 'rss'
  | 'rss_huge'
  | 'mapped_file'
  | 'dirty'
  | 'writeback'
  | 'pgpgin'
  | 'pgpgout'
  | 'pgfault'
  | 'pgmajfault'
  | 'inactive_anon'
  | 'active_anon'
  | 'inactive_file'
  | 'active_file'
  | 'unevictable';

/** The limits in memory.stat. */
export type MemoryLimitName = 'hierarchical_memory_limit' | 'hierarchical_memsw_limit';

/** Bytes, except for the event counts (`pg…`). */
export type MemoryCounters = {
  readonly [N in OwnMemoryName | MemoryLimitName | `total_${OwnMemoryName}` as Camel<N>]: bigint;
};

/** Bytes, and how often the limit was hit. */
export interface MemoryEntry {
  readonly limit: bigint;
  readonly usage: bigint;
  readonly max: bigint;
  readonly failcnt: bigint;
}

/** Usage and limit for each kind of memory. */
export interface MemoryEntries {
  readonly usage: MemoryEntry | undefined;
  readonly swap: MemoryEntry | undefined;
  readonly kernel: MemoryEntry | undefined;
  readonly kernelTcp: MemoryEntry | undefined;
}

export const statsV1 = (directories: ReadonlyMap<string, string>): CgroupV1Stats => ({
  hugetlb: hugetlb(directories.get('hugetlb')),
  pids: pids(directories.get('pids')),
  cpu: cpu(directories.get('cpu'), directories.get('cpuacct')),
  memory: memory(directories.get('memory')),
  blkio: blockIo(directories.get('blkio')),
  rdma: undefined,
  network: [],
  cgroupStats: undefined,
  memoryOomControl: oomControl(directories.get('memory')),
});

const pids = (directory: string | undefined): CgroupV1Stats['pids'] => {
  const current = readCount(directory, 'pids.current');
  return current === undefined ? undefined : { current, limit: readCount(directory, 'pids.max') ?? 0n };
};

/** cpuacct.stat counts in hundredths of a second, whatever the kernel's clock. */
const nanosecondsPerTick = 10_000_000n;

const cpu = (directory: string | undefined, accounting: string | undefined): CgroupV1Stats['cpu'] => {
  const total = readCount(accounting, 'cpuacct.usage');
  const ticks = readCounts(accounting, 'cpuacct.stat');
  const perCpu = readText(accounting, 'cpuacct.usage_percpu')?.split(/\s+/).map(count) ?? [];
  const throttled = readCounts(directory, 'cpu.stat');
  if (total === undefined && throttled === undefined) return undefined;
  return {
    usage:
      total === undefined
        ? undefined
        : {
            total,
            kernel: (ticks?.get('system') ?? 0n) * nanosecondsPerTick,
            user: (ticks?.get('user') ?? 0n) * nanosecondsPerTick,
            perCpu: perCpu.filter((time) => time !== undefined),
          },
    throttling: throttled && {
      periods: throttled.get('nr_periods') ?? 0n,
      throttledPeriods: throttled.get('nr_throttled') ?? 0n,
      throttledTime: throttled.get('throttled_time') ?? 0n,
    },
  };
};

const memory = (directory: string | undefined): CgroupV1Stats['memory'] => {
  const counted = readCounts(directory, 'memory.stat');
  if (counted === undefined) return undefined;
  const entry = (prefix: string): MemoryEntry | undefined => {
    const usage = readCount(directory, `${prefix}.usage_in_bytes`);
    if (usage === undefined) return undefined;
    return {
      usage,
      limit: readCount(directory, `${prefix}.limit_in_bytes`) ?? 0n,
      max: readCount(directory, `${prefix}.max_usage_in_bytes`) ?? 0n,
      failcnt: readCount(directory, `${prefix}.failcnt`) ?? 0n,
    };
  };
  return {
    ...counters(counted, [...ownNames, ...limitNames, ...totals]),
    usage: entry('memory'),
    swap: entry('memory.memsw'),
    kernel: entry('memory.kmem'),
    kernelTcp: entry('memory.kmem.tcp'),
  };
};

const oomControl = (directory: string | undefined): CgroupV1Stats['memoryOomControl'] => {
  const counted = readCounts(directory, 'memory.oom_control');
  return counted && counters(counted, ['oom_kill_disable', 'under_oom', 'oom_kill']);
};

const hugetlb = (directory: string | undefined): HugePages[] =>
  hugePageSizes(directory).map((pagesize) => {
    const read = (name: string) => readCount(directory, `hugetlb.${pagesize}.${name}`) ?? 0n;
    return {
      pagesize,
      usage: read('usage_in_bytes'),
      max: read('max_usage_in_bytes'),
      failcnt: read('failcnt'),
    };
  });
