/**
 * containerd as a client of the daemon: one connection for each container, calls with deadlines, and connections that are
 * lost where the scenario says so. What is asked, and what comes of it, goes into the trace.
 */
import { GroupDefinition, TaskDefinition, TaskV3Definition } from '../../../src/shim/messages/index.js';
import {
  type Methods,
  serviceClient,
  type TtrpcClient,
  TtrpcError,
  ttrpcClient,
} from '../../../src/shim/ttrpc/index.js';
import type { SimScheduler } from '../sim-scheduler.js';
import type { Link } from './memory-link.js';
import { type Asked, requestFor } from './requests.js';
import type { DaemonScenario } from './scenario.js';
import type { SimNode } from './sim-node.js';
import type { Learned, Unplaced } from './trace.js';
import { worldClock } from './world-clock.js';

export type Answer =
  | { readonly ok: true; readonly learned: Learned }
  | { readonly ok: false; readonly kind: string };

export interface SimCaller {
  /** Makes a call once. One that cannot be made, for want of a daemon, fails as `closed`. */
  call(asked: Asked): Promise<Answer>;
  /** Closes the connection of one container. */
  leave(c: number): void;
  /** Loses the connection of one container. */
  cut(c: number): void;
  /** Loses all of them. */
  cutAll(): void;
}

interface Connection {
  readonly link: Link;
  readonly client: TtrpcClient;
  readonly task: Methods<typeof TaskDefinition, { readonly timeout?: number }>;
  readonly group: Methods<typeof GroupDefinition, { readonly timeout?: number }>;
  readonly daemon: number;
  /** The calls that were made on it, by stream. */
  readonly calls: Map<number, number>;
  /** Those that the daemon has not answered. */
  readonly open: Set<number>;
}

export interface CallerOptions {
  readonly scenario: DaemonScenario;
  readonly scheduler: SimScheduler;
  readonly record: (entry: Unplaced) => void;
  readonly node: SimNode;
}

export const simCaller = ({ scenario, scheduler, record, node }: CallerOptions): SimCaller => {
  const connections = new Map<number, Connection>();
  const clock = worldClock(scheduler);
  const definition =
    scenario.version === 3 ? (TaskV3Definition as unknown as typeof TaskDefinition) : TaskDefinition;
  let calls = 0;

  const connected = (c: number): Connection | undefined => {
    const known = connections.get(c);
    if (known !== undefined) return known;
    const byStream = new Map<number, number>();
    const open = new Set<number>();
    const say = (is: 'received' | 'sent', stream: number): void => {
      const call = byStream.get(stream) as number;
      if (is === 'sent') open.delete(call);
      record({ is, call });
    };
    const made = node.connect({
      received: (stream) => say('received', stream),
      answered: (stream) => say('sent', stream),
      heard: () => undefined,
      gone: () => {
        for (const call of open) record({ is: 'lost', call });
        open.clear();
        if (connections.get(c) === connection) connections.delete(c);
      },
    });
    if (made === undefined) return undefined;
    const client = ttrpcClient(() => made.link.client, clock);
    const connection: Connection = {
      link: made.link,
      client,
      task: serviceClient(client, definition),
      group: serviceClient(client, GroupDefinition),
      daemon: made.daemon,
      calls: byStream,
      open,
    };
    connections.set(c, connection);
    return connection;
  };

  return {
    call: async (asked) => {
      const { c, e, name, value, deadline, cut } = asked;
      const connection = connected(c);
      if (connection === undefined) return { ok: false, kind: 'closed' };
      calls += 1;
      const call = calls;
      const stream = 2 * connection.calls.size + 1;
      connection.calls.set(stream, call);
      connection.open.add(call);
      if (cut !== undefined) connection.link.cutAt(stream, cut);
      record({ is: 'called', call, c, e, name, value, deadline, cut, daemon: connection.daemon });
      try {
        const learned = await requestFor(connection.task, connection.group, asked, deadline);
        record({ is: 'heard', call, how: 'ok', message: '', learned });
        return { ok: true, learned };
      } catch (error) {
        const kind = error instanceof TtrpcError ? error.kind : 'unknown';
        const message = error instanceof Error ? error.message : String(error);
        record({ is: 'heard', call, how: kind, message, learned: undefined });
        return { ok: false, kind };
      }
    },
    leave: (c) => connections.get(c)?.client.close(),
    cut: (c) => connections.get(c)?.link.cut(),
    cutAll: () => {
      for (const { link } of [...connections.values()]) link.cut();
    },
  };
};
