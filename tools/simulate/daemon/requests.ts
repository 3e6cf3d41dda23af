/** The requests of a simulated containerd, and what it learns from their answers. */
import * as messages from '../../../src/shim/messages/index.js';
import type { Methods } from '../../../src/shim/ttrpc/index.js';
import { type CallName, type Cut, containerId, execId } from './scenario.js';
import type { Learned } from './trace.js';

export interface Asked {
  readonly c: number;
  readonly e: number;
  readonly name: CallName | 'join';
  /** The signal of a kill. */
  readonly value: number;
  /** Milliseconds; 0 for none. */
  readonly deadline: number;
  readonly cut?: Cut | undefined;
  /** Of a create and a join. */
  readonly bundle: string;
}

type Options = { readonly timeout?: number };
type Task = Methods<typeof messages.TaskDefinition, Options>;
type Group = Methods<typeof messages.GroupDefinition, Options>;

const nothing: Learned = {};
const statusNames = new Map<number, string>(
  Object.entries(messages.Status).map(([name, number]) => [number, name]),
);
const resources = messages.packJson(messages.ociType.linuxResources, {});

export const requestFor = async (
  task: Task,
  group: Group,
  { c, e, name, value, bundle }: Asked,
  deadline: number,
): Promise<Learned> => {
  const id = containerId(c);
  const exec = execId(e);
  const options: Options = deadline === 0 ? {} : { timeout: deadline };
  const named = { id, execId: exec };
  switch (name) {
    case 'join':
      await group.join({ id, bundle }, options);
      return nothing;
    case 'state': {
      const { status, pid, exitStatus } = await task.state(named, options);
      return { status: statusNames.get(status) ?? `${status}`, pid, exitStatus };
    }
    case 'create': {
      const { pid } = await task.create(messages.CreateTaskRequest.create({ id, bundle }), options);
      return { pid };
    }
    case 'start': {
      const { pid } = await task.start(named, options);
      return { pid };
    }
    case 'delete': {
      const { pid, exitStatus } = await task.delete(named, options);
      return { pid, exitStatus };
    }
    case 'wait': {
      const { exitStatus } = await task.wait(named, options);
      return { exitStatus };
    }
    case 'connect': {
      const { taskPid } = await task.connect({ id }, options);
      return { pid: taskPid };
    }
    case 'exec':
      await task.exec(messages.ExecProcessRequest.create({ ...named, spec: specOf(exec) }), options);
      return nothing;
    case 'kill':
      await task.kill({ ...named, signal: value, all: false }, options);
      return nothing;
    case 'killAll':
      await task.kill({ ...named, signal: value, all: true }, options);
      return nothing;
    case 'pids':
      await task.pids({ id }, options);
      return nothing;
    case 'pause':
      await task.pause({ id }, options);
      return nothing;
    case 'resume':
      await task.resume({ id }, options);
      return nothing;
    case 'checkpoint':
      await task.checkpoint({ id, path: '/checkpoint', options: undefined }, options);
      return nothing;
    case 'resizePty':
      await task.resizePty({ ...named, width: 80, height: 24 }, options);
      return nothing;
    case 'closeIO':
      await task.closeIO({ ...named, stdin: true }, options);
      return nothing;
    case 'update':
      await task.update({ id, resources, annotations: {} }, options);
      return nothing;
    case 'stats':
      await task.stats({ id }, options);
      return nothing;
    case 'shutdown':
      await task.shutdown({ id, now: false }, options);
      return nothing;
  }
};

const specOf = (exec: string): messages.Any =>
  messages.packJson(messages.ociType.process, { args: [exec], cwd: '/' });
