/**
 * The state that the handlers of an agent share: the containers and processes, and the way to the host. It belongs to one
 * connection, or outlives its connections (`keepFor` of `runAgent`).
 */
import { randomUUID } from 'node:crypto';
import { merge, type Observable, type SchedulerLike } from 'rxjs';
import { encodeMessage } from '../hcs/guest/protocol/frame.js';
import { containerNotification } from '../hcs/guest/protocol/message-types.js';
import type { ContainerNotification } from '../hcs/guest/protocol/messages.js';
import { endProcess, endSystem } from './container/end.js';
import { type Container, type Containers, containersOf } from './container/table.js';
import type { Dial } from './dialer.js';
import type { AgentEngine } from './engine.js';
import { type Links, linksOf } from './links.js';
import { type ProcessTable, processTable } from './process/table.js';

export interface Session {
  /** Identifies the containers of a session that outlives its connections: another one has none of them. */
  readonly instance: string | undefined;
  readonly engine: AgentEngine;
  readonly dial: Dial;
  readonly scheduler: SchedulerLike;
  readonly containers: Containers;
  /** Processes outside of all containers. */
  readonly externals: ProcessTable;
  readonly links: Links;
  /** Whether everything is being ended. What is created now must end at once. */
  over(): boolean;
  /** Ends everything that was created. Completes when it has ended. */
  end(): Observable<never>;
}

export interface SessionOptions {
  readonly engine: AgentEngine;
  /** Connects to the host's stdio ports. */
  readonly dial: Dial;
  readonly scheduler: SchedulerLike;
  /** How long what was created outlives a connection, in milliseconds. */
  readonly keepFor?: number;
}

/** Exits that a host may not have received any more, and may ask for again. */
const keptExits = 1_024;

export const openSession = ({ engine, dial, scheduler, keepFor = 0 }: SessionOptions): Session => {
  let isOver = false;
  const links = linksOf({ keepFor });
  const ended = ({ id, activityId, asked }: Container): void => {
    const notification: ContainerNotification = {
      ContainerId: id,
      ...(activityId !== undefined && { ActivityId: activityId }),
      Type: asked ?? 'UnexpectedExit',
      Operation: 'None',
      Result: 0,
    };
    links.send(encodeMessage(containerNotification, 0n, JSON.stringify(notification)));
  };
  const retained = keepFor > 0 ? keptExits : 0;
  const containers = containersOf(engine, { onEnded: ended, isOver: () => isOver, links, retained });
  const externals = processTable({ retained });
  return {
    instance: keepFor > 0 ? randomUUID() : undefined,
    engine,
    dial,
    scheduler,
    containers,
    externals,
    links,
    over: () => isOver,
    end: () => {
      isOver = true;
      links.close();
      const kills = externals.all().map(({ process, close }) => {
        close();
        return endProcess(process, scheduler);
      });
      const ends = containers.all().map(({ system, processes }) => {
        for (const process of processes.all()) process.close();
        return endSystem(system, scheduler);
      });
      return merge(...kills, ...ends);
    },
  };
};
