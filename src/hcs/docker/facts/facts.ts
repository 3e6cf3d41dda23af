/** The facts of a container beyond its lifecycle that a daemon offers: streams, files, ports. */
import { defer } from 'rxjs';
import { commanded } from '../../../operators/command.js';
import { invalid } from '../../failures/errors.js';
import type { Container } from '../container/container.js';
import type { DockerContainer } from '../container/docker-container.js';
import { copyIn, copyOut } from './archive.js';
import { containerEvents } from './events.js';
import { containerHealth } from './health.js';
import { containerLogs } from './logs.js';
import { containerOom } from './oom.js';
import { publishedPort } from './ports.js';
import { whenReady } from './ready.js';
import { containerStats } from './stats.js';

type Facts = Pick<
  DockerContainer,
  'oom$' | 'events$' | 'stats$' | 'health$' | 'logs' | 'ready' | 'port' | 'copyIn' | 'copyOut'
>;

const readyTimeout = 30_000;

export const factsOf = (container: Container): Facts => ({
  oom$: containerOom(container),
  events$: defer(() => containerEvents(container)),
  stats$: defer(() => containerStats(container)),
  health$: defer(() => containerHealth(container)),
  logs: (options) => defer(() => containerLogs(container, options)),
  ready: (condition, timeout = readyTimeout) => {
    if (typeof timeout !== 'number' || !(timeout > 0)) throw invalid('timeout', timeout, 'milliseconds');
    return commanded(whenReady(container, condition, timeout));
  },
  port: (inside) => commanded(publishedPort(container, inside)),
  copyIn: (folder, content) => commanded(copyIn(container, folder, content)),
  copyOut: (path) => copyOut(container, path),
});
