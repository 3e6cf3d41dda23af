/**
 * One container of the shim: its compute system, its task, and the other facts that containerd asks for.
 */
import { type Context, context, trace } from '@opentelemetry/api';
import {
  defer,
  delay,
  EMPTY,
  finalize,
  fromEvent,
  map,
  type Observable,
  type SchedulerLike,
  switchMap,
  tap,
} from 'rxjs';
import { invalid, RxshimError } from '../../hcs/failures/errors.js';
import type { RuncContainer, RuncOptions } from '../../hcs/runc/index.js';
import { type Enqueue, serialQueue } from '../../operators/serial-queue.js';
import { directEvents } from '../../streams/event-outbox.js';
import { type TaskEvent, taskEvent } from '../../streams/events.js';
import type { Logger } from '../../streams/log.js';
import type { DrainPolicy } from '../../streams/policies.js';
import type { StdioRequest, StreamName } from '../../streams/stdio/upstream/stdio-request.js';
import type { Task } from '../../streams/task/interface.js';
import { createTaskWith } from '../../streams/task/task.js';
import type { Creation } from '../events/encode-event.js';
import type { CreateTaskRequest } from '../messages/index.js';
import { defaultDrain, drainOf } from '../options/drain.js';
import { type RuntimeOptions, runtimeOptionsOf } from '../options/runtime-options.js';
import { asksForSystemd } from '../options/systemd-cgroup.js';
import { withRootfs } from '../rootfs/with-rootfs.js';
import { beginRecord, writePid } from './bundle-record.js';
import type { Pausing, ShimRecords } from './records.js';

export interface ShimContainer {
  readonly id: string;
  readonly bundle: string;
  readonly system: RuncContainer;
  readonly task: Task;
  /** The parent of all spans of this container. */
  readonly context: Context;
  pausing: Pausing;
  /** For what must not happen to it at the same time: pause, resume, update, checkpoint. */
  readonly queue: Enqueue;
  /** To be called when the container was deleted. */
  end(): void;
}

/** The common parts of all containers of one daemon. */
export interface ShimPorts {
  /** Makes the compute system of a container. */
  readonly engine: (options: RuncOptions) => RuncContainer;
  readonly namespace: string;
  readonly log: Logger | undefined;
  readonly scheduler: SchedulerLike;
  /** The process that containerd takes for the shim. Default: this one. */
  readonly shimPid?: number;
  /** How long an exit waits for its output. Default: 2 s. */
  readonly drain?: DrainPolicy;
  /** Hands an event to the daemon's outbox of its container. Never fails, never waits for containerd. */
  readonly publish: (event: TaskEvent, creation?: Creation) => void;
  /** Absent for a daemon whose containers end with it. */
  readonly records?: ShimRecords;
}

/** Where containerd's own shims have the state of runc. */
export const defaultRoot = '/run/containerd/runc';

/** A creation, and the signal that cancels it. */
export interface CreationContext {
  /** The parent of the container's spans. */
  readonly parent: Context;
  /**
   * Aborts when the container is not wanted any longer. No event is published for it from then on, and its creation fails
   * where it has not begun with the runtime. A runtime that is at work is left to it, and killed only when it takes long:
   * killed halfway it leaves cgroups behind. Then the container is created all the same, for its creator to delete.
   */
  readonly signal: AbortSignal;
}

/** @throws RxshimError for options or stdio that cannot be, before anything is done; else what the runtime said. */
export const createContainer = (
  request: CreateTaskRequest,
  ports: ShimPorts,
  creation: CreationContext,
): Observable<ShimContainer> =>
  defer(() => runtimeOptionsOf(request.options)).pipe(
    switchMap((options) => made(request, options, ports, creation)),
  );

const made = (
  request: CreateTaskRequest,
  options: RuntimeOptions,
  ports: ShimPorts,
  { parent, signal }: CreationContext,
): Observable<ShimContainer> => {
  const { publish, scheduler } = ports;
  const { id, bundle, rootfs, checkpoint } = request;
  const stdio = stdioOf(request);
  const described = describedBy(request, options, ports);
  beginRecord(bundle, described);
  const recorder = ports.records?.creating(request);
  const system = withRootfs(
    abortable(engineOf(request, described, ports), signal, scheduler),
    bundle,
    rootfs,
  );
  const { spans, end } = watched(system, ports, parent);
  const task$ = context.with(spans, () =>
    createTaskWith(
      { makeSink: directEvents, idsAreSeparate: true, ...(recorder && { recorder }) },
      {
        ...taskOptions(request, system, ports),
        stdio,
        publish: (event) => {
          if (!signal.aborted) publish(event, { rootfs, checkpoint });
          return EMPTY;
        },
      },
    ),
  );
  return task$.pipe(
    tap((task) => writePid(bundle, task.init.pid)),
    map((task) => {
      const queue = serialQueue(scheduler);
      return { id, bundle, system, task, context: spans, pausing: 'no' as const, queue, end };
    }),
    tap({ error: end }),
  );
};

/** How the runtime is asked for the container. */
export const describedBy = (
  { bundle }: CreateTaskRequest,
  options: RuntimeOptions,
  { namespace }: ShimPorts,
): RuntimeOptions => ({
  ...options,
  systemdCgroup: options.systemdCgroup ?? asksForSystemd(bundle),
  root: `${options.root ?? defaultRoot}/${namespace}`,
});

export const engineOf = (
  { id, bundle, checkpoint }: CreateTaskRequest,
  described: RuntimeOptions,
  { engine }: ShimPorts,
): RuncContainer => engine({ id, bundle, ...described, ...(checkpoint === '' ? {} : { checkpoint }) });

/** The options of a task in this shim, except its stdio and its publisher. */
export const taskOptions = (
  { id, bundle }: CreateTaskRequest,
  system: RuncContainer,
  { namespace, log, scheduler, drain = defaultDrain }: ShimPorts,
) => ({
  id,
  bundle,
  system,
  namespace,
  policies: { drain: drainOf(bundle, drain) },
  scheduler,
  ...(log === undefined ? {} : { log }),
});

/** The span of a container, and its OOM kills as events. */
export const watched = (
  system: RuncContainer,
  { namespace, publish }: ShimPorts,
  parent: Context,
): { readonly spans: Context; end(): void } => {
  const { id } = system;
  const span = trace.getTracer('rxshim').startSpan('container', { attributes: { id, namespace } }, parent);
  const spans = trace.setSpan(parent, span);
  // From the start: events before the first subscription are not replayed.
  const oom = system.oom$.subscribe(() => publish(taskEvent('TaskOOM', id, {})));
  const end = (): void => {
    oom.unsubscribe();
    span.end();
  };
  return { spans, end };
};

/** How long a runtime may go on creating a container that is not wanted any longer, in milliseconds. */
const abandonedFor = 10_000;

/** The same system, with a creation that the signal cancels. */
const abortable = (system: RuncContainer, signal: AbortSignal, scheduler: SchedulerLike): RuncContainer => ({
  ...system,
  create: (parameters, descriptors) =>
    defer(() => {
      if (signal.aborted) throw creationAbandoned(system.id);
      const terminating = fromEvent(signal, 'abort')
        .pipe(
          delay(abandonedFor, scheduler),
          switchMap(() => system.terminate()),
        )
        .subscribe({ error: () => undefined });
      return system.create(parameters, descriptors).pipe(finalize(() => terminating.unsubscribe()));
    }),
});

export const creationAbandoned = (id: string): RxshimError =>
  new RxshimError('unavailable', `container ${id} was given up while it was being created`);

/** A client may name a file for stderr besides a terminal, though nothing will ever come of it. */
export const stdioOf = ({
  stdin,
  stdout,
  stderr,
  terminal,
}: Pick<CreateTaskRequest, 'stdin' | 'stdout' | 'stderr' | 'terminal'>): StdioRequest => {
  const [input, output, errors] = [
    nameOf('stdin', stdin),
    nameOf('stdout', stdout),
    nameOf('stderr', stderr),
  ];
  return { stdin: input, stdout: output, stderr: terminal ? '' : errors, terminal };
};

/** The library knows words for streams that containerd does not. */
const nameOf = (field: string, value: string): StreamName => {
  if (isName(value)) return value;
  throw invalid(field, value, 'an absolute path or a URI');
};

const isName = (value: string): value is '' | `/${string}` | `${string}://${string}` =>
  value === '' || value.startsWith('/') || value.includes('://');
