/** A container as the specs drive it: over the Task service of its shim, from Create to the executable with `delete`. */
import { constants, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { descriptorSource } from '../../../src/hcs/native/index.js';
import {
  type Any,
  type CreateTaskRequest,
  DeleteResponse,
  type Mount,
  ociType,
  packJson,
  TaskDefinition,
} from '../../../src/shim/messages/index.js';
import {
  type CallOptions,
  type Methods,
  metadataOf,
  serviceClient,
  type TtrpcClient,
  ttrpcClient,
} from '../../../src/shim/ttrpc/index.js';
import { dial } from './address.js';
import { type ContainerSpec, processSpec } from './bundle.js';
import type { Ended } from './run.js';
import { makeStreams, noStreams, type Streams } from './streams.js';

export type Task = Methods<typeof TaskDefinition, CallOptions>;

export interface ShimContainer {
  readonly id: string;
  readonly bundle: string;
  /** Where its shim listens. */
  readonly address: string;
  readonly task: Task;
  readonly client: TtrpcClient;
  /** What its shim said in its log. */
  log(): string;
  /** The process that serves it. */
  shimPid(): Promise<number>;
  create(request?: Partial<CreateTaskRequest>): Promise<number>;
  /** Create and Start. */
  run(request?: Partial<CreateTaskRequest>): Promise<number>;
  /** Registers an exec and starts it. */
  exec(execId: string, spec: ContainerSpec, streams?: Streams['paths']): Promise<number>;
  /** Of the container's own process, or of an exec. */
  exitOf(execId?: string): Promise<number>;
  streams(name?: string, options?: Parameters<typeof makeStreams>[2]): Streams;
  /** As containerd ends it, whatever it does: Delete, Shutdown, and the connection. */
  end(): Promise<void>;
  /** The executable with `delete`. */
  cleanUp(): Promise<{ readonly ended: Ended; readonly reply: DeleteResponse }>;
  /** Both, and its folder. */
  remove(): Promise<void>;
}

export interface ShimContainerOptions {
  readonly id: string;
  readonly bundle: string;
  readonly namespace: string;
  /** What `start` answered. */
  readonly address: string;
  readonly rootfs: readonly Mount[];
  readonly options?: Any | undefined;
  /** Calls the executable with `delete`, its output going into a file. */
  delete(reply: string): Promise<Ended>;
}

/** The log of a shim, as containerd keeps it open. */
export const openLog = (bundle: string) => {
  const source = descriptorSource(openSync(join(bundle, 'log'), constants.O_RDWR | constants.O_NONBLOCK));
  let text = '';
  const read = (async () => {
    for await (const chunk of source) text += Buffer.from(chunk).toString();
  })();
  return {
    text: () => text,
    close: async () => {
      source.close();
      await read;
    },
  };
};

export const serveContainer = (
  { id, bundle, namespace, address, rootfs, options, ...callbacks }: ShimContainerOptions,
  log: ReturnType<typeof openLog>,
): ShimContainer => {
  const client = ttrpcClient(() => dial(address));
  const task = serviceClient(client, TaskDefinition, {
    // As patient as containerd is; who hangs is found by the spec's own time.
    timeout: 60_000,
    metadata: metadataOf({ 'containerd-namespace-ttrpc': namespace }),
  });
  const streams: Streams[] = [];
  const init = { id, execId: '' };
  let ended: Promise<void> | undefined;
  let removed: Promise<void> | undefined;

  const end = async (): Promise<void> => {
    // Longer than any of them takes on a busy machine: a container that is not deleted keeps its daemon.
    const calls = { timeout: 20_000 };
    const ignore = () => undefined;
    await task.resume({ id }, calls).catch(ignore);
    await task.kill({ ...init, signal: 9, all: true }, calls).catch(ignore);
    await task.wait(init, calls).catch(ignore);
    for (const each of streams) each.leave();
    await task.delete(init, calls).catch(ignore);
    await task.shutdown({ id, now: true }, calls).catch(ignore);
    client.close();
  };

  const self: ShimContainer = {
    id,
    bundle,
    address,
    task,
    client,
    log: log.text,
    shimPid: async () => (await task.connect({ id })).shimPid,
    create: async (request = {}) => {
      const { pid } = await task.create({
        ...noStreams,
        id,
        bundle,
        rootfs: [...rootfs],
        checkpoint: '',
        parentCheckpoint: '',
        options,
        ...request,
      });
      return pid;
    },
    run: async (request) => {
      await self.create(request);
      return (await task.start(init)).pid;
    },
    exec: async (execId, spec, paths = noStreams) => {
      await task.exec({ id, execId, ...paths, spec: packJson(ociType.process, processSpec(spec)) });
      return (await task.start({ id, execId })).pid;
    },
    exitOf: async (execId = '') => (await task.wait({ id, execId })).exitStatus,
    streams: (name = 'init', given) => {
      const made = makeStreams(bundle, name, given);
      streams.push(made);
      return made;
    },
    end: () => {
      ended ??= end();
      return ended;
    },
    cleanUp: async () => {
      const reply = join(bundle, 'delete-reply');
      const ended = await callbacks.delete(reply);
      return { ended, reply: DeleteResponse.decode(readFileSync(reply)) };
    },
    remove: () => {
      removed ??= (async () => {
        await self.end();
        await self.cleanUp();
        await log.close();
        rmSync(bundle, { recursive: true, force: true });
      })();
      return removed;
    },
  };
  return self;
};
