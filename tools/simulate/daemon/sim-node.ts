/**
 * The node around the daemon: the socket of one pod, the launcher that joins or starts a daemon there, and the daemons
 * themselves, with the production wiring over simulated containers.
 */
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { pino } from 'pino';
import type { RuncContainer, RuncOptions } from '../../../src/hcs/runc/index.js';
import { type Daemon, daemon } from '../../../src/shim/daemon/daemon.js';
import { schedulerClock } from '../../../src/shim/daemon/scheduler-clock.js';
import { forwarder } from '../../../src/shim/events/forward.js';
import type { SimScheduler } from '../sim-scheduler.js';
import type { Entry } from '../trace.js';
import { type Link, type LinkSpy, memoryLink } from './memory-link.js';
import type { DaemonScenario } from './scenario.js';
import { type SimContainer, simContainer } from './sim-container.js';
import type { Unplaced } from './trace.js';

export interface SimNode {
  /** Connects to whatever daemon listens; `undefined` when there is none. */
  connect(spy: LinkSpy): { readonly link: Link; readonly daemon: number } | undefined;
  listens(): boolean;
  /** As the launcher does where none listens. */
  startDaemon(): void;
  /** SIGTERM to the daemon that listens. */
  stopDaemon(): void;
  /** Every container that was ever made, by the order of making. */
  readonly made: readonly { readonly c: number; readonly container: SimContainer }[];
  /** How many daemons have not left. */
  running(): number;
  /** From here on nothing goes wrong below. */
  heal(): void;
}

export interface NodeOptions {
  readonly scenario: DaemonScenario;
  readonly scheduler: SimScheduler;
  readonly record: (entry: Unplaced) => void;
  /** Connects a daemon to containerd's socket. */
  readonly toContainerd: (daemon: number) => Socket;
}

interface Incarnation {
  readonly number: number;
  readonly daemon: Daemon;
}

export const simNode = ({ scenario, scheduler, record, toContainerd }: NodeOptions): SimNode => {
  const made: { c: number; container: SimContainer }[] = [];
  const lives = new Map<number, number>();
  let listening: Incarnation | undefined;
  let daemons = 0;
  let running = 0;
  let healed = false;

  const engine = ({ id }: RuncOptions): RuncContainer => {
    const c = Number(id.slice(1));
    const life = (lives.get(c) ?? 0) + 1;
    lives.set(c, life);
    const log = (entry: Entry): void => record({ is: 'below', c, life, entry });
    const container = simContainer(scenario, c, scheduler, log, 101 + 100 * made.length);
    if (healed) container.engine.faults.heal();
    made.push({ c, container });
    return container.runc;
  };

  const startDaemon = (): void => {
    daemons += 1;
    const number = daemons;
    running += 1;
    record({ is: 'daemon', daemon: number, does: 'starts' });
    const started = daemon(
      { namespace: 'k8s.io', linger: scenario.linger },
      {
        scheduler,
        engine,
        forwarder: forwarder(() => toContainerd(number), 'k8s.io', schedulerClock(scheduler)),
        log: { logger: withoutIo, opened: () => undefined, closed: () => undefined },
        bundleExists: existsSync,
        releaseSocket: () => {
          record({ is: 'daemon', daemon: number, does: 'socketReleased' });
          if (listening?.number === number) listening = undefined;
        },
      },
    );
    listening = { number, daemon: started };
    void started.left.then(() => {
      running -= 1;
      record({ is: 'daemon', daemon: number, does: 'left' });
    });
  };

  return {
    made,
    listens: () => listening !== undefined,
    startDaemon,
    running: () => running,
    connect: (spy) => {
      if (listening === undefined) return undefined;
      const link = memoryLink(scheduler, spy);
      listening.daemon.server.attach(link.server);
      return { link, daemon: listening.number };
    },
    stopDaemon: () => {
      if (listening === undefined) return;
      record({ is: 'daemon', daemon: listening.number, does: 'isStopped' });
      listening.daemon.stop();
    },
    heal: () => {
      healed = true;
      for (const { container } of made) container.engine.faults.heal();
    },
  };
};

const withoutIo = pino({ level: 'silent' });
