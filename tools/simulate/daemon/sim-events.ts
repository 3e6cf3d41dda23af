/**
 * containerd's side of the events: its ttrpc server with the Events service, which takes, refuses, loses or ignores what
 * is published to it, as the scenario says.
 */
import type { Socket } from 'node:net';
import { NEVER, Observable, of, throwError } from 'rxjs';
import * as messages from '../../../src/shim/messages/index.js';
import { service, TtrpcError, type TtrpcServer, ttrpcServer } from '../../../src/shim/ttrpc/index.js';
import type { SimScheduler } from '../sim-scheduler.js';
import { type Link, memoryLink, refusedConnection } from './memory-link.js';
import type { DaemonEvent, DaemonScenario } from './scenario.js';
import type { Unplaced } from './trace.js';
import { worldClock } from './world-clock.js';

export interface SimEvents {
  /** Connects a daemon. */
  connect(daemon: number): Socket;
  /** containerd goes: all connections are lost, and there is no listener until it returns. */
  goes(): void;
  comes(): void;
  heal(): void;
  /** Calls back for each exit that containerd has taken. */
  onExit(exited: (c: number) => void): void;
}

type Misdeed = Extract<DaemonEvent, { kind: 'event' }>;

const types = {
  TaskCreate: messages.TaskCreate,
  TaskStart: messages.TaskStart,
  TaskExecAdded: messages.TaskExecAdded,
  TaskExecStarted: messages.TaskExecStarted,
  TaskExit: messages.TaskExit,
  TaskDelete: messages.TaskDelete,
  TaskPaused: messages.TaskPaused,
  TaskResumed: messages.TaskResumed,
  TaskOOM: messages.TaskOOM,
} as const;
const read = messages.typeRegistry(types);

interface Facts {
  readonly containerId: string;
  readonly id?: string;
  readonly execId?: string;
  readonly pid?: number;
  readonly exitStatus?: number;
}

export const simEvents = (
  scenario: DaemonScenario,
  scheduler: SimScheduler,
  record: (entry: Unplaced) => void,
): SimEvents => {
  const misdeeds = scenario.events
    .filter((event): event is Misdeed => event.kind === 'event')
    .map((event) => ({ event, left: event.times }));
  const links = new Set<Link>();
  let up = true;
  let healed = false;
  let attempts = 0;
  let exited: (c: number) => void = () => undefined;

  const takeMisdeed = (c: number, type: string): Misdeed | undefined => {
    if (healed) return undefined;
    for (const one of misdeeds) {
      const { event } = one;
      if (one.left === 0 || event.c !== c || (event.type !== 'any' && event.type !== type)) continue;
      one.left -= 1;
      return event;
    }
    return undefined;
  };

  const serve = (daemon: number, link: Link, received: () => void): TtrpcServer =>
    ttrpcServer({
      clock: worldClock(scheduler),
      services: [
        service(messages.EventsDefinition, {
          forward: ({ envelope }) => {
            const packed = read(envelope?.event);
            attempts += 1;
            const attempt = attempts;
            received();
            const facts = packed?.message as Facts;
            const c = Number(facts.containerId.slice(1));
            const type = packed?.name ?? '';
            const exec = facts.execId ?? (facts.id === facts.containerId ? '' : (facts.id ?? ''));
            const misdeed = takeMisdeed(c, type);
            record({
              is: 'attempt',
              attempt,
              daemon,
              c,
              type,
              exec,
              pid: facts.pid ?? 0,
              status: facts.exitStatus ?? -1,
              stamp: messages.fromTimestamp(envelope?.timestamp)?.getTime() ?? -1,
              does: misdeed?.does ?? 'takes',
            });
            const take = (): void => {
              record({ is: 'taken', attempt });
              if (type === 'TaskExit' && exec === '') exited(c);
            };
            switch (misdeed?.does) {
              case 'refuses':
                return throwError(() => new TtrpcError('unknown', 'the exchange does not take it'));
              case 'hangs':
                return NEVER;
              case 'late':
                return new Observable<messages.Empty>((listener) => {
                  const timer = scheduler.later(misdeed.ms, () => {
                    take();
                    listener.next(messages.Empty.create());
                    listener.complete();
                  });
                  return () => timer.unsubscribe();
                });
              case 'loses':
                take();
                link.cut();
                return NEVER;
              default:
                take();
                return of(messages.Empty.create());
            }
          },
        }),
      ],
    });

  return {
    connect: (daemon) => {
      if (!up) return refusedConnection(scheduler);
      const byStream = new Map<number, number>();
      let current = 0;
      const link: Link = memoryLink(scheduler, {
        received: (stream) => {
          current = stream;
        },
        answered: () => undefined,
        heard: (stream) => {
          const attempt = byStream.get(stream);
          if (attempt !== undefined) record({ is: 'acknowledged', attempt });
        },
        gone: () => {
          links.delete(link);
        },
      });
      links.add(link);
      serve(daemon, link, () => byStream.set(current, attempts)).attach(link.server);
      return link.client;
    },
    goes: () => {
      up = false;
      for (const link of [...links]) link.cut();
    },
    comes: () => {
      up = true;
    },
    heal: () => {
      healed = true;
    },
    onExit: (listener) => {
      exited = listener;
    },
  };
};
