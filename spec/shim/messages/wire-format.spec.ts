/**
 * The numbers of all fields, written down a second time: in the order of containerd's own tables, with a letter for how a
 * field travels. What the generated code makes of a message is compared with bytes put together here.
 */
import { describe, expect, it } from '@jest/globals';
import type { MessageType } from '../../../src/shim/messages/index.js';
import * as messages from '../../../src/shim/messages/index.js';
import { Status as RpcStatus } from '../../../src/shim/ttrpc/generated/status.js';
import * as ttrpc from '../../../src/shim/ttrpc/generated/ttrpc.js';

const { cgroups1, cgroups2, runc, runcLegacy, runtimeOptions } = messages;

type Creatable = MessageType<unknown> & { create(base: object): unknown };

const varint = (value: bigint): number[] => {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  while (left > 127n) {
    bytes.push(Number(left & 127n) | 128);
    left >>= 7n;
  }
  return [...bytes, Number(left)];
};
const delimited = (content: ArrayLike<number>): number[] => [
  ...varint(BigInt(content.length)),
  ...Array.from(content),
];
const ascii = (text: string): number[] => [...Buffer.from(text)];
const tag = (number: number, type: 0 | 1 | 2): number[] => varint(BigInt((number << 3) | type));

/** For each letter: a value to put into a field, and its bytes. */
const kinds: Record<string, (name: string, number: number) => { value: unknown; bytes: number[] }> = {
  // string, bytes
  s: (name, n) => ({ value: name, bytes: [...tag(n, 2), ...delimited(ascii(name))] }),
  b: (name, n) => ({ value: Uint8Array.from(ascii(name)), bytes: [...tag(n, 2), ...delimited(ascii(name))] }),
  // bool, uint32 and int32, int32 below zero
  t: (_, n) => ({ value: true, bytes: [...tag(n, 0), 1] }),
  u: (_, n) => ({ value: 1_000_000 + n, bytes: [...tag(n, 0), ...varint(BigInt(1_000_000 + n))] }),
  n: (_, n) => ({ value: -n, bytes: [...tag(n, 0), ...varint(BigInt(-n))] }),
  // enum
  e: (_, n) => ({ value: 4, bytes: [...tag(n, 0), 4] }),
  // uint64 above 2^53, repeated
  U: (_, n) => ({ value: 2n ** 64n - BigInt(n), bytes: [...tag(n, 0), ...varint(2n ** 64n - BigInt(n))] }),
  R: (_, n) => ({ value: [5n, 300n], bytes: [...tag(n, 2), ...delimited([5, 0xac, 2])] }),
  // int64 as a number, as a bigint
  d: (_, n) => ({ value: -62_135_596_800, bytes: [...tag(n, 0), ...varint(-62_135_596_800n)] }),
  D: (_, n) => ({ value: 2n ** 62n, bytes: [...tag(n, 0), ...varint(2n ** 62n)] }),
  // double
  f: (_, n) => ({ value: -2, bytes: [...tag(n, 1), 0, 0, 0, 0, 0, 0, 0, 0xc0] }),
  // message, repeated messages, repeated strings, repeated enums, map
  m: (_, n) => ({ value: {}, bytes: [...tag(n, 2), 0] }),
  M: (_, n) => ({ value: [{}, {}], bytes: [...tag(n, 2), 0, ...tag(n, 2), 0] }),
  S: (name, n) => ({ value: [name, ''], bytes: [...tag(n, 2), ...delimited(ascii(name)), ...tag(n, 2), 0] }),
  E: (_, n) => ({ value: [0], bytes: [...tag(n, 2), 1, 0] }),
  p: (name, n) => ({
    value: { key: name },
    bytes: [...tag(n, 2), ...delimited([10, ...delimited(ascii('key')), 18, ...delimited(ascii(name))])],
  }),
};

const memory =
  'cache rss rssHuge mappedFile dirty writeback pgpgin pgpgout pgfault pgmajfault inactiveAnon activeAnon inactiveFile activeFile unevictable';
const total = memory.replace(/\b[a-z]/g, (letter) => `total${letter.toUpperCase()}`);
const allOf = (kind: string, names: string): string => names.replaceAll(/(\w+)/g, `$1:${kind}`);

/** `name:kind`, numbered from one on; `name:kind=number` where the numbers jump. */
const tables: [Creatable, string][] = [
  [ttrpc.Request, 'service:s method:s payload:b timeoutNano:D metadata:M'],
  [ttrpc.KeyValue, 'key:s value:s'],
  [ttrpc.Response, 'status:m payload:b'],
  [RpcStatus, 'code:u message:s details:M'],
  [messages.Any, 'typeUrl:s value:b'],
  [messages.Timestamp, 'seconds:d nanos:u'],
  [messages.Empty, ''],
  [messages.Mount, 'type:s source:s target:s options:S'],
  [messages.ProcessInfo, 'pid:u info:m'],
  [
    messages.CreateTaskRequest,
    'id:s bundle:s rootfs:M terminal:t stdin:s stdout:s stderr:s checkpoint:s parentCheckpoint:s options:m',
  ],
  [messages.CreateTaskResponse, 'pid:u'],
  [messages.StartRequest, 'id:s execId:s'],
  [messages.StartResponse, 'pid:u'],
  [messages.DeleteRequest, 'id:s execId:s'],
  [messages.DeleteResponse, 'pid:u exitStatus:u exitedAt:m'],
  [messages.ExecProcessRequest, 'id:s execId:s terminal:t stdin:s stdout:s stderr:s spec:m'],
  [messages.ResizePtyRequest, 'id:s execId:s width:u height:u'],
  [messages.StateRequest, 'id:s execId:s'],
  [
    messages.StateResponse,
    'id:s bundle:s pid:u status:e stdin:s stdout:s stderr:s terminal:t exitStatus:u exitedAt:m execId:s',
  ],
  [messages.KillRequest, 'id:s execId:s signal:u all:t'],
  [messages.CloseIORequest, 'id:s execId:s stdin:t'],
  [messages.PidsRequest, 'id:s'],
  [messages.PidsResponse, 'processes:M'],
  [messages.PauseRequest, 'id:s'],
  [messages.ResumeRequest, 'id:s'],
  [messages.CheckpointTaskRequest, 'id:s path:s options:m'],
  [messages.UpdateTaskRequest, 'id:s resources:m annotations:p'],
  [messages.WaitRequest, 'id:s execId:s'],
  [messages.WaitResponse, 'exitStatus:u exitedAt:m'],
  [messages.StatsRequest, 'id:s'],
  [messages.StatsResponse, 'stats:m'],
  [messages.ConnectRequest, 'id:s'],
  [messages.ConnectResponse, 'shimPid:u taskPid:u version:s'],
  [messages.ShutdownRequest, 'id:s now:t'],
  [messages.ForwardRequest, 'envelope:m'],
  [messages.Envelope, 'timestamp:m namespace:s topic:s event:m'],
  [messages.TaskCreate, 'containerId:s bundle:s rootfs:M io:m checkpoint:s pid:u'],
  [messages.TaskIO, 'stdin:s stdout:s stderr:s terminal:t'],
  [messages.TaskStart, 'containerId:s pid:u'],
  [messages.TaskDelete, 'containerId:s pid:u exitStatus:u exitedAt:m id:s'],
  [messages.TaskExit, 'containerId:s id:s pid:u exitStatus:u exitedAt:m'],
  [messages.TaskOOM, 'containerId:s'],
  [messages.TaskExecAdded, 'containerId:s execId:s'],
  [messages.TaskExecStarted, 'containerId:s execId:s pid:u'],
  [messages.TaskPaused, 'containerId:s'],
  [messages.TaskResumed, 'containerId:s'],
  [messages.TaskCheckpointed, 'containerId:s checkpoint:s'],
  [
    runc.Options,
    'noPivotRoot:t noNewKeyring:t shimCgroup:s ioUid:u ioGid:u binaryName:s root:s criuPath:s systemdCgroup:t criuImagePath:s criuWorkPath:s taskApiAddress:s taskApiVersion:u',
  ],
  [
    runc.CheckpointOptions,
    'exit:t openTcp:t externalUnixSockets:t terminal:t fileLocks:t emptyNamespaces:S cgroupsMode:s imagePath:s workPath:s',
  ],
  [runc.ProcessDetails, 'execId:s'],
  [
    runcLegacy.CreateOptions,
    'noPivotRoot:t openTcp:t externalUnixSockets:t terminal:t fileLocks:t emptyNamespaces:S cgroupsMode:s noNewKeyring:t shimCgroup:s ioUid:u ioGid:u criuWorkPath:s criuImagePath:s',
  ],
  [runtimeOptions.Options, 'typeUrl:s configPath:s configBody:b'],
  [messages.RuntimeInfo, 'name:s version:m options:m features:m annotations:p'],
  [messages.RuntimeVersion, 'version:s revision:s'],
  [
    messages.BootstrapParams,
    'instanceId:s namespace:s logLevel:e containerdVersion:s containerdTtrpcAddress:s containerdGrpcAddress:s containerdBinary:s extensions:M socketDir:s',
  ],
  [messages.Extension, 'value:m'],
  [messages.BootstrapResult, 'version:u address:s protocol:s capabilities:E metadata:p'],
  [
    cgroups1.Metrics,
    'hugetlb:M pids:m cpu:m memory:m blkio:m rdma:m network:M cgroupStats:m memoryOomControl:m',
  ],
  [cgroups1.HugetlbStat, 'usage:U max:U failcnt:U pagesize:s'],
  [cgroups1.PidsStat, 'current:U limit:U'],
  [cgroups1.CPUStat, 'usage:m throttling:m'],
  [cgroups1.CPUUsage, 'total:U kernel:U user:U perCpu:R'],
  [cgroups1.Throttle, 'periods:U throttledPeriods:U throttledTime:U'],
  [
    cgroups1.MemoryStat,
    `${allOf('U', `${memory} hierarchicalMemoryLimit hierarchicalMemswLimit ${total}`)} usage:m swap:m kernel:m kernelTcp:m`,
  ],
  [cgroups1.MemoryEntry, 'limit:U usage:U max:U failcnt:U'],
  [cgroups1.MemoryOomControl, 'oomKillDisable:U underOom:U oomKill:U'],
  [cgroups1.BlkIOStat, allOf('M', 'serviceBytes serviced queued serviceTime waitTime merged time sectors')],
  [cgroups1.BlkIOEntry, 'op:s device:s major:U minor:U value:U'],
  [cgroups1.CgroupStats, allOf('U', 'nrSleeping nrRunning nrStopped nrUninterruptible nrIoWait')],
  [cgroups2.Metrics, 'pids:m cpu:m memory:m=4 rdma:m io:m hugetlb:M memoryEvents:m'],
  [cgroups2.PidsStat, 'current:U limit:U'],
  [
    cgroups2.CPUStat,
    `${allOf('U', 'usageUsec userUsec systemUsec nrPeriods nrThrottled throttledUsec')} psi:m`,
  ],
  [cgroups2.PSIStats, 'some:m full:m'],
  [cgroups2.PSIData, 'avg10:f avg60:f avg300:f total:U'],
  [
    cgroups2.MemoryStat,
    `${allOf(
      'U',
      'anon file kernelStack slab sock shmem fileMapped fileDirty fileWriteback anonThp inactiveAnon activeAnon inactiveFile activeFile unevictable slabReclaimable slabUnreclaimable pgfault pgmajfault workingsetRefault workingsetActivate workingsetNodereclaim pgrefill pgscan pgsteal pgactivate pgdeactivate pglazyfree pglazyfreed thpFaultAlloc thpCollapseAlloc usage usageLimit swapUsage swapLimit maxUsage swapMaxUsage',
    )} psi:m`,
  ],
  [cgroups2.IOStat, 'usage:M psi:m'],
  [cgroups2.IOEntry, allOf('U', 'major minor rbytes wbytes rios wios')],
  [cgroups2.HugeTlbStat, 'current:U max:U pagesize:s'],
  [cgroups2.MemoryEvents, allOf('U', 'low high max oom oomKill')],
];

const build = (table: string): { fields: Record<string, unknown>; bytes: Buffer } => {
  const fields: Record<string, unknown> = {};
  const bytes: number[] = [];
  let number = 0;
  for (const [, name, kind, jump] of table.matchAll(/(\w+):(\w)(?:=(\d+))?/g)) {
    number = jump === undefined ? number + 1 : Number(jump);
    const made = kinds[kind as string]?.(name as string, number);
    fields[name as string] = made?.value;
    bytes.push(...(made?.bytes ?? []));
  }
  return { fields, bytes: Buffer.from(bytes) };
};

describe('messages on the wire', () => {
  it.each(tables.map(([type, table]) => [type.$type, type, table] as const))('%s', (_, type, table) => {
    const { fields, bytes } = build(table);
    const message = type.create(fields);
    expect(Buffer.from(type.encode(message).finish()).toString('hex')).toBe(bytes.toString('hex'));
    expect(type.decode(bytes)).toEqual(message);
    // Nothing is on the wire for what is not set, and no field is missing from the table.
    expect(type.encode(type.create({})).finish()).toHaveLength(0);
    expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys(type.create({}) as object)));
  });

  it('is what containerd 1.6 sends', () => {
    // Put together by hand from the wire format.
    const exit = messages.TaskExit.create({
      containerId: 'c1',
      id: 'e1',
      pid: 300,
      exitStatus: 137,
      exitedAt: { seconds: 1_700_000_000, nanos: 5 },
    });
    const hex = '0a026331' + '12026531' + '18ac02' + '208901' + '2a08' + '0880e2cfaa06' + '1005';
    expect(Buffer.from(messages.TaskExit.encode(exit).finish()).toString('hex')).toBe(hex);
    const kill = Buffer.from('0a026331' + '1809' + '2001', 'hex');
    expect(messages.KillRequest.decode(kill)).toEqual({ id: 'c1', execId: '', signal: 9, all: true });
  });

  it('reads enums below zero, and ignores fields that are newer than it', () => {
    const trace = Buffer.from('18f8ffffffffffffffff01' + 'da0c03616263' + 'e00c05', 'hex');
    expect(messages.BootstrapParams.decode(trace).logLevel).toBe(messages.LogLevel.TRACE);
  });

  it('names the states of a task as containerd numbers them', () => {
    expect(messages.Status).toEqual({
      UNKNOWN: 0,
      CREATED: 1,
      RUNNING: 2,
      STOPPED: 3,
      PAUSED: 4,
      PAUSING: 5,
    });
  });

  it('knows every method of the Task service, in both packages', () => {
    const names = Object.values(messages.TaskDefinition.methods).map(({ name }) => name);
    expect(names).toEqual(
      'State Create Start Delete Pids Pause Resume Checkpoint Kill Exec ResizePty CloseIO Update Wait Stats Connect Shutdown'.split(
        ' ',
      ),
    );
    expect(messages.TaskDefinition.fullName).toBe('containerd.task.v2.Task');
    expect(messages.TaskV3Definition.fullName).toBe('containerd.task.v3.Task');
    expect(messages.TaskV3Definition.methods).toBe(messages.TaskDefinition.methods);
    expect(messages.EventsDefinition.fullName).toBe('containerd.services.events.ttrpc.v1.Events');
    expect(messages.EventsDefinition.methods.forward.name).toBe('Forward');
  });
});
