/** containerd's side of the events: takes what shims forward, in the order in which it came. */
import { createServer } from 'node:net';
import {
  EventsDefinition,
  type MessageType,
  TaskCreate,
  TaskDelete,
  TaskExecAdded,
  TaskExecStarted,
  TaskExit,
  TaskOOM,
  TaskPaused,
  TaskResumed,
  TaskStart,
  unpack,
} from '../../../src/shim/messages/index.js';
import { service, TtrpcError, ttrpcServer } from '../../../src/shim/ttrpc/index.js';
import { until } from './run.js';

export interface ReceivedEvent {
  readonly topic: string;
  readonly namespace: string;
  /** Of an exec's events; empty for the container's own process. */
  readonly execId: string;
  readonly containerId: string;
  readonly pid?: number;
  readonly exitStatus?: number;
}

export interface EventSink {
  /** Where shims find it. */
  readonly path: string;
  /** All events, or those of one container. */
  of(containerId?: string): ReceivedEvent[];
  /** The topics of one container, shortened: `exit`, or `exit ID` of an exec. */
  topics(containerId: string): string[];
  /** Waits for this event of a container, in the short form. */
  received(containerId: string, topic: string): Promise<void>;
  /** Ends connections and listening, as containerd does when it dies. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** From now on the events of this container are answered with an error; how often, `refusals` says. */
  refuse(containerId: string): void;
  readonly refusals: number;
}

/** The messages of all events of a container. */
export const eventTypes: readonly MessageType<unknown>[] = [
  TaskCreate,
  TaskStart,
  TaskExit,
  TaskDelete,
  TaskExecAdded,
  TaskExecStarted,
  TaskPaused,
  TaskResumed,
  TaskOOM,
];

export const makeEventSink = async (path: string): Promise<EventSink> => {
  const events: ReceivedEvent[] = [];
  const refused = new Set<string>();
  let refusals = 0;
  let server: ReturnType<typeof ttrpcServer> | undefined;
  const of = (id?: string) => events.filter(({ containerId }) => id === undefined || containerId === id);
  const topics = (id: string) =>
    of(id).map(({ topic, execId }) => `${topic.slice('/tasks/'.length)}${execId === '' ? '' : ` ${execId}`}`);
  const sink: EventSink = {
    path,
    of,
    topics,
    refuse: (id) => void refused.add(id),
    get refusals() {
      return refusals;
    },
    received: async (id, topic) => void (await until(() => topics(id).includes(topic))),
    stop: async () => {
      await server?.close({ within: 0 });
      server = undefined;
    },
    start: async () => {
      server = ttrpcServer({
        services: [
          service(EventsDefinition, {
            forward: async ({ envelope }) => {
              const message = eventTypes
                .map((type) => unpack(type, envelope?.event))
                .find((found) => found !== undefined) as Record<string, unknown> | undefined;
              const containerId = String(message?.['containerId'] ?? '');
              if (refused.has(containerId)) {
                refusals += 1;
                throw new TtrpcError('invalidArgument', 'not this event: invalid argument');
              }
              const execId = String(message?.['execId'] ?? message?.['id'] ?? '');
              events.push({
                ...message,
                topic: envelope?.topic ?? '',
                namespace: envelope?.namespace ?? '',
                containerId,
                execId: execId === containerId ? '' : execId,
              });
              return {};
            },
          }),
        ],
      });
      const listener = server.listen(createServer());
      await new Promise<void>((resolve) => listener.listen(path, resolve));
    },
  };
  await sink.start();
  return sink;
};
