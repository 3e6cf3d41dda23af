/**
 * An existing container as a compute system, by the exec API: see `remote/exec-system.ts`.
 */

import { map, of } from 'rxjs';
import type { ComputeSystem } from '../contract/compute-system.js';
import { invalid, RxshimError } from '../failures/errors.js';
import { requireKnown } from '../failures/refuse-unknown.js';
import { execSystem } from '../remote/exec-system.js';
import { apiClient } from './api/client.js';
import type { Endpoint } from './api/endpoint.js';
import { findEndpoint, findPodman } from './api/find-endpoint.js';
import { listPids } from './container/api-calls.js';
import { awaitExit } from './container/await-exit.js';
import { inspect, leave, newContainer } from './container/container.js';
import { isOnThisHost } from './container/on-this-host.js';
import {
  type DaemonOptions,
  daemonOptionNames,
  type ExecOptions,
  execOptionNames,
  resolveDaemon,
  resolveExecs,
} from './container/options.js';
import { standingOf } from './container/state.js';
import { execSignals, markedProcesses } from './exec/exec-signals.js';
import { startExec } from './exec/start-exec.js';
import { containerSignals } from './signals.js';

/** A running container of a daemon, created by this program or by any other client. */
export interface DockerExecOptions extends DaemonOptions, ExecOptions {
  /** Its id or name. */
  readonly container: string;
}

/**
 * A running container as a system whose processes are execs. Costs nothing until it is started.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type. Its start fails with `notFound` for a container
 *   that does not exist, and with `failedPrecondition` for one that does not run.
 * @example
 * const { stdout } = await run(dockerExec({ container: 'web' }), ['cat', '/etc/hostname']);
 */
export const dockerExec = (options: DockerExecOptions): ComputeSystem => existing(options, findEndpoint);

/** The same by Podman's service. */
export const podmanExec = (options: DockerExecOptions): ComputeSystem => existing(options, findPodman);

const existing = (options: DockerExecOptions, find: () => Endpoint): ComputeSystem => {
  requireKnown('', options, ['container', ...daemonOptionNames, ...execOptionNames]);
  const { container: name } = options;
  if (typeof name !== 'string' || !/^[a-zA-Z0-9][\w.-]*$/.test(name))
    throw invalid('container', name, 'the id or name of a container');
  const { endpoint, reconnectTimeout } = resolveDaemon(options, find);
  const container = newContainer(apiClient(endpoint), name, reconnectTimeout, resolveExecs(options));
  return execSystem({
    id: name,
    name: `container ${name}`,
    state: container,
    signals: containerSignals(() => undefined),
    find: async () => {
      container.id = name;
      const { Id, State } = await inspect(container);
      // A name may be given to another container.
      container.id = Id;
      if (standingOf(State) !== 'running')
        throw new RxshimError('failedPrecondition', `container ${name} is not running`);
      return { end: awaitExit(container, Promise.resolve(undefined)) };
    },
    startProcess: (parameters) => startExec(container, parameters),
    killMarked: (mark) => execSignals(container, mark, () => ({ pid: 0, isRunning: false })).tree.kill(),
    leave: (exit) => leave(container, exit),
    fresh: () => existing(options, find),
    pids: (mark, started) =>
      isOnThisHost(container)
        ? of(markedProcesses(mark).map(({ pid }) => pid))
        : // Their children cannot be distinguished from those of others.
          listPids(container).pipe(map((pids) => pids.filter((pid) => started.has(pid)))),
  });
};
