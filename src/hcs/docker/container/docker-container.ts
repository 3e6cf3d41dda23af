/** A container of a daemon: its members beyond those of any compute system. */
import type { Observable } from 'rxjs';
import type { Command } from '../../../operators/command.js';
import type { ComputeSystem } from '../../contract/compute-system.js';
import type { SignalStrategy } from '../exec/signal-strategy.js';
import type { Archive, Files } from '../facts/archive.js';
import type { ContainerEvent } from '../facts/events.js';
import type { Health } from '../facts/health.js';
import type { LogLine, LogOptions } from '../facts/logs.js';
import type { PublishedPort } from '../facts/ports.js';
import type { ReadyCondition } from '../facts/ready.js';
import type { ContainerStats } from '../facts/stats.js';

/**
 * A container of Docker or Podman.
 *
 * Its streams ask the daemon for each subscriber, find it again after a lost connection, and complete when the container
 * has ended. They error with `failedPrecondition` before the container exists, and with `unavailable` where the daemon does
 * not come back within `reconnectTimeout`.
 */
export interface DockerContainer extends ComputeSystem {
  /** The daemon's id, once the container exists. */
  readonly containerId: string | undefined;
  /** Emits when the kernel has OOM-killed its first process or, with Docker, any of its processes. */
  readonly oom$: Observable<void>;
  /** All that its daemon reports of it, from its creation on, each event once. */
  readonly events$: Observable<ContainerEvent>;
  /** The resources that it uses, about once a second. */
  readonly stats$: Observable<ContainerStats>;
  /** Its health, by its own health check, whenever that changes. Podman needs systemd to run health checks. */
  readonly health$: Observable<Health>;
  /** The lines that it has written, from its log, with their times: no line twice or lost over a lost connection. */
  logs(options?: LogOptions): Observable<LogLine>;
  /**
   * How the processes of execs are signalled.
   *
   * @throws RxshimError `failedPrecondition` for a container that does not run.
   */
  signalStrategy(): Command<SignalStrategy>;
  /**
   * Waits until it is healthy, has written a line, or takes connections at a published port.
   *
   * @param timeout in milliseconds. Default 30000.
   * @throws RxshimError `unavailable` after that time, `failedPrecondition` if it ends before.
   */
  ready(condition: ReadyCondition, timeout?: number): Command<void>;
  /**
   * Where a published port of it can be reached: a number for TCP, or `53/udp`.
   *
   * @throws RxshimError `notFound` for one that is not published.
   */
  port(inside: number | string): Command<PublishedPort>;
  /**
   * Unpacks files, or a tar archive that is streamed, in a folder of it. Not into a tmpfs or a read-only root.
   *
   * @example await system.copyIn('/app', { 'conf/app.json': '{}' });
   */
  copyIn(folder: string, content: Files | Archive): Command<void>;
  /** A file or folder of it as a tar archive, in pieces as they are asked for. */
  copyOut(path: string): AsyncIterable<Uint8Array>;
}
