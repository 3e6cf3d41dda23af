/** containerd's own API, as far as the life of a container needs it. The numbers are those of its protobuf files. */
import { type Any, Any as AnyMessage, Envelope } from '../../src/shim/messages/index.js';
import { type GrpcStream, grpcClient } from './grpc.js';
import { decode, encode } from './wire.js';

export interface StdioPaths {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** containerd's word for how a process is. */
export type ProcessStatus = 'unknown' | 'created' | 'running' | 'stopped' | 'paused' | 'pausing';

export interface Api {
  /** A snapshot that can be written to, made of another one. */
  prepare(key: string, parent: string): Promise<void>;
  mounts(key: string): Promise<readonly Uint8Array[]>;
  removeSnapshot(key: string): Promise<void>;
  createContainer(id: string, runtime: string, spec: Any): Promise<void>;
  removeContainer(id: string): Promise<void>;
  createTask(id: string, rootfs: readonly Uint8Array[], stdio: StdioPaths): Promise<void>;
  exec(id: string, execId: string, spec: Any, stdio: StdioPaths): Promise<void>;
  start(id: string, execId: string): Promise<void>;
  /** The exit status. */
  wait(id: string, execId: string): Promise<number>;
  status(id: string, execId: string): Promise<ProcessStatus>;
  kill(id: string, execId: string, signal: number): Promise<void>;
  /** Of an exec, or of the task where `execId` is empty; answers the exit status. */
  delete(id: string, execId: string): Promise<number>;
  publish(topic: string, event: Any): Promise<void>;
  subscribe(onEvent: (envelope: Envelope) => void): GrpcStream;
  close(): void;
}

const statuses: readonly ProcessStatus[] = ['unknown', 'created', 'running', 'stopped', 'paused', 'pausing'];
const snapshotter = 'overlayfs';

export const containerdApi = (socket: string, namespace: string): Api => {
  const client = grpcClient(socket, namespace);
  const service =
    (name: string) =>
    (method: string, fields: Parameters<typeof encode>[0]): Promise<Uint8Array> =>
      client.call(`containerd.services.${name}/${method}`, encode(fields));
  const containers = service('containers.v1.Containers');
  const events = service('events.v1.Events');
  const snapshots = service('snapshots.v1.Snapshots');
  const tasks = service('tasks.v1.Tasks');
  const any = (value: Any): Uint8Array => AnyMessage.encode(value).finish();

  return {
    prepare: async (key, parent) => void (await snapshots('Prepare', { 1: snapshotter, 2: key, 3: parent })),
    mounts: async (key) => decode(await snapshots('Mounts', { 1: snapshotter, 2: key })).messages(1),
    removeSnapshot: async (key) => void (await snapshots('Remove', { 1: snapshotter, 2: key })),
    createContainer: async (id, runtime, spec) => {
      const container = { 1: id, 4: encode({ 1: runtime }), 5: any(spec), 6: snapshotter, 7: id };
      await containers('Create', { 1: encode(container) });
    },
    removeContainer: async (id) => void (await containers('Delete', { 1: id })),
    createTask: async (id, rootfs, { stdin, stdout, stderr }) =>
      void (await tasks('Create', { 1: id, 3: rootfs, 4: stdin, 5: stdout, 6: stderr })),
    exec: async (id, execId, spec, { stdin, stdout, stderr }) =>
      void (await tasks('Exec', { 1: id, 2: stdin, 3: stdout, 4: stderr, 6: any(spec), 7: execId })),
    start: async (id, execId) => void (await tasks('Start', { 1: id, 2: execId })),
    wait: async (id, execId) => decode(await tasks('Wait', { 1: id, 2: execId })).number(1),
    status: async (id, execId) => {
      const [process] = decode(await tasks('Get', { 1: id, 2: execId })).messages(1);
      return statuses[process === undefined ? 0 : decode(process).number(4)] ?? 'unknown';
    },
    kill: async (id, execId, signal) => void (await tasks('Kill', { 1: id, 2: execId, 3: signal })),
    delete: async (id, execId) =>
      decode(await tasks(execId === '' ? 'Delete' : 'DeleteProcess', { 1: id, 2: execId })).number(3),
    publish: async (topic, event) => void (await events('Publish', { 1: topic, 2: any(event) })),
    subscribe: (onEvent) =>
      client.stream('containerd.services.events.v1.Events/Subscribe', encode({}), (message) =>
        onEvent(Envelope.decode(message)),
      ),
    close: client.close,
  };
};
