import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Cgroup } from '../../../../src/hcs/runc/cgroup/cgroup.js';
import { readStats } from '../../../../src/hcs/runc/cgroup/stats.js';
import { Metrics as MetricsV1 } from '../../../../src/shim/messages/generated/cgroups-v1.js';
import { Metrics as MetricsV2 } from '../../../../src/shim/messages/generated/cgroups-v2.js';

const unlimited = 2n ** 64n - 1n;

/** Files in place of a kernel's, so that every layout can be tested on any machine. */
const files = (directory: string, contents: Readonly<Record<string, string>>): string => {
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(directory, name), text);
  return directory;
};

describe('what the kernel counts', () => {
  let base = '';
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'spec-cgroup-'));
  });
  afterAll(() => rmSync(base, { recursive: true }));

  test('in the unified hierarchy has the fields of containerd', () => {
    const directory = files(join(base, 'v2'), {
      'pids.current': '3\n',
      'pids.max': 'max\n',
      'cpu.stat': 'usage_usec 900\nuser_usec 600\nsystem_usec 300\nnr_periods 4\n',
      'memory.stat': 'anon 4096\nkernel_stack 8\nworkingset_refault_anon 9\nthp_fault_alloc 2\n',
      'memory.current': '123456789012345678\n',
      'memory.max': 'max\n',
      'memory.swap.current': '0\n',
      'memory.swap.max': '1024\n',
      'memory.events': 'low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\n',
      'io.stat': '8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n259:3 rbytes=7\n',
      'hugetlb.2MB.current': '0\n',
      'hugetlb.2MB.max': 'max\n',
    });
    const stats = readStats({ version: 2, directory });
    if (stats?.version !== 2) throw new Error('expected version 2');
    const { metrics } = stats;
    expect(metrics).toMatchObject({
      pids: { current: 3n, limit: unlimited },
      cpu: { usageUsec: 900n, userUsec: 600n, systemUsec: 300n, nrPeriods: 4n, nrThrottled: 0n },
      memory: {
        anon: 4096n,
        kernelStack: 8n,
        thpFaultAlloc: 2n,
        usage: 123456789012345678n,
        usageLimit: unlimited,
        swapLimit: 1024n,
      },
      memoryEvents: { low: 0n, high: 1n, max: 2n, oom: 3n, oomKill: 4n },
      io: {
        usage: [
          { major: 8n, minor: 0n, rbytes: 10n, wbytes: 20n, rios: 1n, wios: 2n },
          { major: 259n, minor: 3n, rbytes: 7n, wbytes: 0n, rios: 0n, wios: 0n },
        ],
      },
      hugetlb: [{ pagesize: '2MB', current: 0n, max: unlimited }],
    });
    expect(MetricsV2.decode(MetricsV2.encode(metrics).finish())).toEqual(metrics);
  });

  // In the formats of Linux 6.18, whose files of rdma are those of its documentation.
  test('in the one tree includes peaks, pressure and rdma where the kernel counts them', () => {
    const directory = files(join(base, 'v2-new'), {
      'pids.current': '1\n',
      'pids.max': 'max\n',
      'cpu.stat':
        'usage_usec 15234\nuser_usec 9120\nsystem_usec 6114\nnice_usec 0\ncore_sched.force_idle_usec 0\n' +
        'nr_periods 0\nnr_throttled 0\nthrottled_usec 0\nnr_bursts 0\nburst_usec 0\n',
      'cpu.pressure':
        'some avg10=0.00 avg60=1.25 avg300=0.40 total=10456\nfull avg10=0.00 avg60=0.75 avg300=0.10 total=9310\n',
      'memory.stat': 'anon 401408\nfile 0\n',
      'memory.current': '872448\n',
      'memory.max': '33554432\n',
      'memory.peak': '1597440\n',
      'memory.swap.current': '0\n',
      'memory.swap.max': 'max\n',
      'memory.swap.peak': '4096\n',
      // Kernels before 5.13 have no line for all processes here.
      'memory.pressure': 'some avg10=12.50 avg60=0.00 avg300=0.00 total=18446744073709551615\n',
      'io.stat': '\n',
      'io.pressure':
        'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
      'rdma.current': 'mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 hca_handle=3 hca_object=0\n',
      'rdma.max': 'mlx4_0 hca_handle=10 hca_object=max\nocrdma1 hca_handle=max hca_object=max\n',
    });
    const stats = readStats({ version: 2, directory });
    if (stats?.version !== 2) throw new Error('expected version 2');
    const { metrics } = stats;
    const idle = { avg10: 0, avg60: 0, avg300: 0, total: 0n };
    expect(metrics).toMatchObject({
      pids: { current: 1n, limit: unlimited },
      cpu: {
        usageUsec: 15234n,
        psi: {
          some: { avg10: 0, avg60: 1.25, avg300: 0.4, total: 10456n },
          full: { avg10: 0, avg60: 0.75, avg300: 0.1, total: 9310n },
        },
      },
      memory: {
        usage: 872448n,
        usageLimit: 33554432n,
        maxUsage: 1597440n,
        swapLimit: unlimited,
        swapMaxUsage: 4096n,
        psi: { some: { avg10: 12.5, avg60: 0, avg300: 0, total: unlimited }, full: undefined },
      },
      io: { usage: [], psi: { some: idle, full: idle } },
      rdma: {
        current: [
          { device: 'mlx4_0', hcaHandles: 2, hcaObjects: 2000 },
          { device: 'ocrdma1', hcaHandles: 3, hcaObjects: 0 },
        ],
        limit: [
          { device: 'mlx4_0', hcaHandles: 10, hcaObjects: 4294967295 },
          { device: 'ocrdma1', hcaHandles: 4294967295, hcaObjects: 4294967295 },
        ],
      },
    });
    expect(MetricsV2.decode(MetricsV2.encode(metrics).finish())).toEqual(metrics);
  });

  test('in a hierarchy per controller has the fields of containerd', () => {
    const at = (name: string, contents: Readonly<Record<string, string>>) =>
      [name, files(join(base, 'v1', name), contents)] as const;
    const cgroup: Cgroup = {
      version: 1,
      directories: new Map([
        at('pids', { 'pids.current': '1\n', 'pids.max': '9\n' }),
        at('cpu', { 'cpu.stat': 'nr_periods 5\nnr_throttled 2\nthrottled_time 70\n' }),
        at('cpuacct', {
          'cpuacct.usage': '12345\n',
          'cpuacct.stat': 'user 2\nsystem 3\n',
          'cpuacct.usage_percpu': '12000 345 \n',
        }),
        at('memory', {
          'memory.stat':
            'cache 1\nrss_huge 2\nhierarchical_memory_limit 9223372036854771712\ntotal_active_file 4\n',
          'memory.usage_in_bytes': '10\n',
          'memory.limit_in_bytes': '9223372036854771712\n',
          'memory.max_usage_in_bytes': '11\n',
          'memory.failcnt': '1\n',
          'memory.kmem.usage_in_bytes': '5\n',
          'memory.oom_control': 'oom_kill_disable 1\nunder_oom 0\noom_kill 6\n',
        }),
        at('blkio', {
          'cgroup.procs': '',
          'blkio.throttle.io_service_bytes_recursive': '250:77 Read 4096\n250:77 Write 0\nTotal 4096\n',
          'blkio.bfq.io_service_bytes_recursive': '',
        }),
        at('hugetlb', {
          'hugetlb.1GB.usage_in_bytes': '0\n',
          'hugetlb.1GB.max_usage_in_bytes': '3\n',
          'hugetlb.1GB.failcnt': '4\n',
        }),
      ]),
    };
    const stats = readStats(cgroup);
    if (stats?.version !== 1) throw new Error('expected version 1');
    const { metrics } = stats;
    expect(metrics).toMatchObject({
      pids: { current: 1n, limit: 9n },
      cpu: {
        usage: { total: 12345n, user: 20_000_000n, kernel: 30_000_000n, perCpu: [12000n, 345n] },
        throttling: { periods: 5n, throttledPeriods: 2n, throttledTime: 70n },
      },
      memory: {
        cache: 1n,
        rssHuge: 2n,
        hierarchicalMemoryLimit: 9223372036854771712n,
        totalActiveFile: 4n,
        usage: { usage: 10n, limit: 9223372036854771712n, max: 11n, failcnt: 1n },
        kernel: { usage: 5n, limit: 0n, max: 0n, failcnt: 0n },
        swap: undefined,
      },
      blkio: {
        serviceBytes: [
          { op: 'Read', device: '', major: 250n, minor: 77n, value: 4096n },
          { op: 'Write', device: '', major: 250n, minor: 77n, value: 0n },
        ],
        serviced: [],
      },
      hugetlb: [{ pagesize: '1GB', usage: 0n, max: 3n, failcnt: 4n }],
      memoryOomControl: { oomKillDisable: 1n, underOom: 0n, oomKill: 6n },
    });
    expect(MetricsV1.decode(MetricsV1.encode(metrics).finish())).toEqual(metrics);
  });

  test('is left out where the kernel has no such controller', () => {
    const directory = files(join(base, 'bare'), { 'cgroup.procs': '' });
    expect(readStats({ version: 2, directory })?.metrics).toEqual({ hugetlb: [] });
    const directories = new Map([['memory', directory]]);
    expect(readStats({ version: 1, directories })?.metrics).toEqual({ hugetlb: [], network: [] });
  });

  test('is nothing once the groups are gone', () => {
    expect(readStats({ version: 2, directory: join(base, 'gone') })).toBeUndefined();
  });
});
