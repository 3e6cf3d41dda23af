/**
 * Makes this process the brain of the keeper that has started it: from now on the keeper owns children and stdio streams, and
 * keeps the records.
 */
import { Socket } from 'node:net';
import { setChildHost } from '../../hcs/native/process/child-host.js';
import { setMover } from '../../streams/stdio/relay/moved-stream.js';
import { systemClock, type TtrpcServer } from '../ttrpc/index.js';
import { type CallJournal, callJournal } from './call-journal.js';
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

/** How long commands of an earlier brain are waited for, in milliseconds: as long as the engine itself waits for most. */
const commandsTimeout = 30_000;

/** By then the keeper has delivered what it had, and calls that were begun have begun again, in milliseconds. */
const deliveredWithin = 5_000;

export interface KeeperConnection {
  /** The process that containerd takes for the shim. */
  readonly pid: number;
  readonly records: ContainerRecords;
  readonly journal: CallJournal;
  /** Call it when the records are restored: from then on the server answers calls. */
  serve(server: TtrpcServer): void;
  /** Another keeper may take this one's place; it ends after this process. */
  leave(): void;
}

/** Resolves when the keeper has listed what it holds. If the keeper dies, this process exits: containerd ends its containers. */
export const connectKeeper = (): Promise<KeeperConnection> =>
  new Promise((resolve) => {
    const socket = new Socket({ fd: linkDescriptor });
    const commands = keeperCommands(commandChannel(commandDescriptor));
    const mover = keeperMover(commands);
    const held: string[] = [];
    let served: (fact: KeeperFact) => void = () => undefined;
    let journal: CallJournal | undefined;
    let records: ContainerRecords | undefined;
    let pid = 0;

    const happened = (fact: KeeperFact): void => {
      if (fact.type === 'hello') pid = fact.pid;
      if (fact.type === 'held') held.push(fact.name);
      children.happened(fact);
      mover.happened(fact);
      served(fact);
      if (fact.type === 'ready') {
        const log = recordLog(children.kept, held);
        journal = callJournal(log);
        const kept = containerRecords(log, children, journal);
        records = kept;
        const connection = { pid, records: kept, journal, serve, leave: link.leave };
        // The runtime commands still in flight decide what there is to restore, so wait for them.
        void children.commandsEnded(commandsTimeout).then(() => resolve(connection));
      }
    };
    const link = keeperLink(socket, happened);
    const children = keeperChildren(commands, link, () => records?.delivered());
    // An exit that arrives before `serve` belongs to a process that is not restored yet.
    const endRestore = children.beginLaunch();
    const serve = (server: TtrpcServer): void => {
      endRestore();
      mover.finishLeft();
      const clients = forwardedClients(link, journal as CallJournal, server.attach);
      served = clients.happened;
      link.restored();
      systemClock.after(deliveredWithin, () => {
        journal?.forgetGone(clients.isThere);
        children.releaseUnused(held);
      });
    };
    socket.on('error', () => process.exit(1)).on('close', () => process.exit(1));
    setChildHost(children);
    setMover(mover);
  });
