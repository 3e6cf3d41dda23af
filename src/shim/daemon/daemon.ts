/**
 * The daemon: serves the containers of one group to containerd.
 *
 * This is all of its wiring. Everything outside (time, the engine, containerd, files) comes in through `DaemonPorts`, so that
 * the simulation runs the same wiring as a node does.
 */
import { EMPTY, interval, type SchedulerLike } from 'rxjs';
import type { DrainPolicy } from '../../streams/policies.js';
import { type EventRecords, eventQueue } from '../events/event-queue.js';
import type { Forwarder } from '../events/forward.js';
import { GroupDefinition, TaskDefinition, TaskV3Definition } from '../messages/index.js';
import type { ShimContainer, ShimPorts } from '../task/container.js';
import { containersOf } from '../task/containers.js';
import type { ShimRecords } from '../task/records.js';
import { restoreContainers } from '../task/restore.js';
import { journalled, type TaskJournal } from '../task/resumed-calls.js';
import { taskService } from '../task/task-service.js';
import { type CallScope, service, type TtrpcServer, ttrpcServer } from '../ttrpc/index.js';
import { group } from './group.js';
import type { DaemonLog } from './log.js';
import { schedulerClock } from './scheduler-clock.js';
import { sweep } from './sweep.js';

export interface DaemonOptions {
  readonly namespace: string;
  /** How long to stay after the last container, in milliseconds. */
  readonly linger: number;
  /** How long the exit of a process waits for its output. Default: 2 s. */
  readonly drain?: DrainPolicy;
  /** The process that containerd takes for the shim. Default: this one. */
  readonly shimPid?: number;
}

export interface DaemonPorts {
  /** All time of the daemon. */
  readonly scheduler: SchedulerLike;
  /** Makes the compute system of a container. */
  readonly engine: ShimPorts['engine'];
  /** Publishes one event to containerd. */
  readonly forwarder: Forwarder;
  readonly log: DaemonLog;
  readonly bundleExists: (path: string) => boolean;
  /** Runs what each call begins, see `uncaught-errors.ts`. */
  readonly scope?: CallScope;
  /** The records of an earlier daemon for this one, and of this one for the next. */
  readonly records?: ShimRecords & EventRecords;
  /** Knows the calls that an earlier daemon had begun. */
  readonly journal?: TaskJournal;
  /** Called first when the daemon leaves: from then on another daemon may take its place. */
  readonly releaseSocket: () => void;
}

export interface Daemon {
  /** Resolves when the containers of an earlier daemon are here. Calls must wait for it. */
  restore(): Promise<void>;
  readonly server: TtrpcServer;
  /** Leaves, with containers or without; they run on. */
  stop(): void;
  /** The daemon's state, for a log. */
  describe(): object;
  /** Resolves when it has left: every call is answered and every event published, or their timeouts expired. */
  readonly left: Promise<void>;
}

/** The timeouts of an orderly end, in milliseconds: for the calls in flight, and for the events. */
const [callsTimeout, eventsTimeout] = [2_000, 5_000];

/** How often to look for containers that no caller will ask for any more, in milliseconds. */
const sweepEvery = 30_000;

export const daemon = ({ namespace, linger, drain, shimPid }: DaemonOptions, world: DaemonPorts): Daemon => {
  const { scheduler, engine, forwarder, log } = world;
  const { logger } = log;
  const events = eventQueue(forwarder, scheduler, logger, world.records);
  const ports: ShimPorts = {
    engine,
    namespace,
    log: logger,
    scheduler,
    publish: events.publish,
    ...(drain && { drain }),
    ...(shimPid !== undefined && { shimPid }),
    ...(world.records && { records: world.records }),
  };
  const containers = containersOf(ports, { arrived: log.opened, left: log.closed });
  const sweeping = interval(sweepEvery, scheduler).subscribe(() =>
    sweep(containers, world.bundleExists, logger),
  );
  let hasLeft: () => void;
  const left = new Promise<void>((resolve) => {
    hasLeft = resolve;
  });
  const leave = async (): Promise<void> => {
    world.releaseSocket();
    sweeping.unsubscribe();
    await server.close({ within: callsTimeout });
    await events.close(eventsTimeout);
    hasLeft();
  };
  const members = group({ ids$: containers.ids$, linger, scheduler, leave: () => void leave() });
  const methods = taskService({ containers, ports, shutdown: members.shutdown });
  const task = world.journal === undefined ? methods : journalled(methods, world.journal, containers);
  const server = ttrpcServer({
    services: [
      service(TaskDefinition, task),
      service<typeof TaskV3Definition>(TaskV3Definition, task),
      service(GroupDefinition, {
        join: ({ id }) => {
          members.join(id);
          return EMPTY;
        },
      }),
    ],
    clock: schedulerClock(scheduler),
    ...(world.scope && { scope: world.scope }),
    log: (message, err) => logger.debug({ err }, message),
  });

  return {
    restore: async () => {
      if (world.records !== undefined)
        await restoreContainers(containers, { ...ports, records: world.records });
    },
    server,
    stop: members.stop,
    describe: () => ({
      containers: containers.list().map(described),
      clients: server.connections,
      events: { waiting: events.waiting, overflowed: events.overflowed },
    }),
    left,
  };
};

const described = ({ id, task, pausing }: ShimContainer): object => ({
  id,
  pausing,
  init: { pid: task.init.pid, state: task.init.state },
  execs: task.execs.map((exec) => ({ id: exec.id, pid: exec.pid, state: exec.state })),
});
