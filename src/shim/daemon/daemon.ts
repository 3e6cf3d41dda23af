/**
 * The daemon: serves the containers of one group to containerd, on a socket that the launcher has opened for it.
 */
import { existsSync, statSync, unlinkSync } from 'node:fs';
import { EMPTY } from 'rxjs';
import { invalid } from '../../hcs/errors.js';
import { runc } from '../../hcs/runc/index.js';
import { startOtlp } from '../../programs/otlp.js';
import type { Logger } from '../../streams/log.js';
import type { ShimArguments } from '../arguments.js';
import { eventQueue } from '../events/event-queue.js';
import { forwarder } from '../events/forward.js';
import { GroupDefinition, TaskDefinition, TaskV3Definition } from '../messages/index.js';
import type { ShimContainer } from '../task/container.js';
import { type Containers, containersOf } from '../task/containers.js';
import { taskService } from '../task/task-service.js';
import { service, ttrpcServer } from '../ttrpc/index.js';
import { type Group, group } from './group.js';
import { daemonLog } from './log.js';
import { onSignals } from './signals.js';

/** The descriptor on which the launcher listens. */
const listening = 3;

/** The bounds of an orderly end, in milliseconds: for the calls under way, and for the events. */
const [callsEnd, eventsEnd] = [2_000, 5_000];

/** How often it is looked for containers that nobody will ask for any more, in milliseconds. */
const sweepEvery = 30_000;

/** @throws RxshimError `invalidArgument` for arguments that are missing or cannot be. */
export const runDaemon = async (given: ShimArguments): Promise<void> => {
  const namespace = given.required('namespace');
  const socket = given.required('socket');
  const linger = milliseconds('linger', given.flag('linger') ?? '0');
  const containerd = process.env['TTRPC_ADDRESS'] || `${given.required('address')}.ttrpc`;
  const inode = inodeOf(socket);

  const log = daemonLog({ debug: given.flag('debug') !== undefined });
  const otlp = await startOtlp('containerd-shim-rxshim-v1');
  const events = eventQueue(forwarder(containerd, namespace), log.logger);
  const ports = { engine: runc, namespace, log: log.logger, publish: events.publish };
  const containers = containersOf(ports, {
    arrived: (id, bundle) => {
      members.arrived(id);
      log.opened(id, bundle);
    },
    left: (id) => {
      log.closed(id);
      members.changed();
    },
  });
  const leave = async (): Promise<void> => {
    // First, so that who finds nothing there any more can open a socket of his own.
    if (inodeOf(socket) === inode) unlinkSync(socket);
    await server.close({ within: callsEnd });
    await events.close(eventsEnd);
    await otlp?.end();
    process.exit();
  };
  const members: Group = group({
    linger,
    size: () => containers.size,
    leave: () => void leave(),
  });
  const task = taskService({ containers, ports, shutdown: members.shutdown });
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
    log: (message, err) => log.logger.debug({ err }, message),
  });
  server.listen({ fd: listening });

  setInterval(() => sweep(containers, log.logger), sweepEvery).unref();
  onSignals({
    stop: members.stop,
    tell: () =>
      log.logger.info({ containers: containers.list().map(told), clients: server.connections }, 'state'),
  });
};

const sweep = (containers: Containers, log: Logger): void => {
  for (const container of containers.list()) {
    if (container.task.init.state !== 'exited' || existsSync(container.bundle)) continue;
    container.task.delete().subscribe({
      complete: () => containers.forget(container),
      error: (err) => log.warn({ err, id: container.id }, 'failed to delete a container without a bundle'),
    });
  }
};

const told = ({ id, task, pausing }: ShimContainer): object => ({
  id,
  pausing,
  init: { pid: task.init.pid, state: task.init.state },
  execs: task.execs.map((exec) => ({ id: exec.id, pid: exec.pid, state: exec.state })),
});

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

const milliseconds = (field: string, text: string): number => {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds < 1e6)) throw invalid(field, text, 'a number of seconds');
  return seconds * 1_000;
};
