/**
 * Makes this process the brain of the keeper that has started it: children and streams of stdio are the keeper's from now on,
 * and what is recorded is kept by it.
 */
import { Socket } from 'node:net';
import { setChildHost } from '../../hcs/native/process/child-host.js';
import { setMover } from '../../streams/stdio/relay/moved-stream.js';
import type { TtrpcServer } from '../ttrpc/index.js';
import { commandChannel } from './command-channel.js';
import { type ContainerRecords, containerRecords } from './container-records.js';
import { forwardedClients } from './forwarded-clients.js';
import { keeperChildren } from './keeper-children.js';
import { keeperCommands } from './keeper-commands.js';
import { keeperMover } from './keeper-mover.js';
import { type KeeperFact, keeperLink } from './link.js';
import { recordLog } from './record-log.js';

/** The descriptors that a brain is started with. */
const [linkDescriptor, commandDescriptor] = [3, 4];

export interface KeeperConnection {
  /** The process that containerd takes for the shim. */
  readonly pid: number;
  readonly records: ContainerRecords;
  /** What was recorded is restored. Calls may come: the server answers them. */
  serve(server: TtrpcServer): void;
  /** Another keeper may take this one's place; it ends after this process. */
  leave(): void;
}

/** Resolves when the keeper has said what it has. A keeper that is gone ends this process: containerd ends its containers. */
export const connectKeeper = (): Promise<KeeperConnection> =>
  new Promise((resolve) => {
    const socket = new Socket({ fd: linkDescriptor });
    const commands = keeperCommands(commandChannel(commandDescriptor));
    const mover = keeperMover(commands);
    const held: string[] = [];
    let served: (fact: KeeperFact) => void = () => undefined;
    let records: ContainerRecords | undefined;
    let pid = 0;

    const happened = (fact: KeeperFact): void => {
      if (fact.type === 'hello') pid = fact.pid;
      if (fact.type === 'held') held.push(fact.name);
      children.happened(fact);
      mover.happened(fact);
      served(fact);
      if (fact.type === 'ready') {
        const kept = containerRecords(recordLog(children.kept, held), children);
        records = kept;
        resolve({ pid, records: kept, serve, leave: link.leave });
      }
    };
    const link = keeperLink(socket, happened);
    const children = keeperChildren(commands, link, () => records?.delivered());
    // What has ended before is that of a process which is yet to be restored.
    const endRestore = children.beginLaunch();
    const serve = (server: TtrpcServer): void => {
      endRestore();
      mover.finishLeft();
      children.releaseUnused(held.splice(0));
      served = forwardedClients(link, server.attach).happened;
      link.restored();
    };
    socket.on('error', () => process.exit(1)).on('close', () => process.exit(1));
    setChildHost(children);
    setMover(mover);
  });
