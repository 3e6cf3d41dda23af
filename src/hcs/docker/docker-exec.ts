/**
 * An existing container as a compute system: processes are started in it by the exec API, and the container is left as it
 * was.
 *
 * The invariant: nothing asked of this system ends the container. `shutdown` and `terminate` kill the processes started
 * through it with all that they have started, and `exit$` emits when they have exited, or when the container has ended.
 */

import { defer, EMPTY, from, ignoreElements, map, of } from 'rxjs';
import { act } from '../contract/act.js';
import type { Act } from '../contract/compute-process.js';
import type { ComputeSystem } from '../contract/compute-system.js';
import { invalid, RxshimError } from '../failures/errors.js';
import { newMark, systemMark, withVariable } from '../in-container/marks.js';
import { startedProcesses } from '../remote/started-processes.js';
import { apiClient } from './api/client.js';
import type { Endpoint } from './api/endpoint.js';
import { findEndpoint, findPodman } from './api/find-endpoint.js';
import { listPids } from './container/api-calls.js';
import { awaitExit } from './container/await-exit.js';
import { type Container, inspect, leave, newContainer } from './container/container.js';
import { type DaemonOptions, type ExecOptions, resolveDaemon, resolveExecs } from './container/options.js';
import { standingOf } from './container/state.js';
import { execSignals, isOnThisHost, markedProcesses } from './exec/exec-signals.js';
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
  const { container: name } = options;
  if (typeof name !== 'string' || !/^[a-zA-Z0-9][\w.-]*$/.test(name))
    throw invalid('container', name, 'the id or name of a container');
  const { endpoint, reconnectTimeout } = resolveDaemon(options, find);
  const container = newContainer(apiClient(endpoint), name, reconnectTimeout, resolveExecs(options));
  const mark = newMark(systemMark);
  /** All that was started through this system, and is still there. */
  const { tree } = execSignals(container, mark, () => ({ pid: 0, isRunning: false }));
  const started = startedProcesses(`container ${name}`, () => leave(container, { reason: 'ended' }));

  const start = async (): Promise<void> => {
    container.id = name;
    const { Id, State } = await inspect(container);
    // A name may be given to another container.
    container.id = Id;
    if (standingOf(State) !== 'running')
      throw new RxshimError('failedPrecondition', `container ${name} is not running`);
    container.phase = 'running';
    void watchContainer(container);
  };

  const end = (): Act => started.end(defer(() => (container.phase === 'running' ? tree.kill() : EMPTY)));

  return {
    id: name,
    os: 'linux',
    isOci: true,
    initInDocument: false,
    takesDescriptors: false,
    signals: containerSignals(() => undefined),
    exit$: container.exit$.asObservable(),
    start: () => defer(() => from(start())).pipe(ignoreElements()),
    createProcess: (parameters) =>
      defer(() => from(started.start(() => startExec(container, withVariable(parameters, mark))))),
    shutdown: end,
    terminate: end,
    close: () =>
      act(() => {
        leave(container, { reason: 'closed' });
        container.isClosed = true;
        container.closed$.next();
      }),
    fresh: () => existing(options, find),
    pids: () =>
      defer(() =>
        isOnThisHost(container)
          ? of(markedProcesses(mark).map(({ pid }) => pid))
          : // Their children cannot be distinguished from those of others.
            listPids(container).pipe(map((pids) => pids.filter((pid) => started.pids.has(pid)))),
      ),
  };
};

/** The container has ended: its daemon has ended all that ran in it. */
const watchContainer = async (container: Container): Promise<void> => {
  const { exit, lost } = await awaitExit(container, Promise.resolve(undefined));
  if (container.exit$.isStopped) return;
  container.phase = 'ended';
  leave(container, {
    reason: lost ? 'lost' : 'ended',
    ...(lost && exit.kind === 'unknown' && { error: new Error(exit.reason) }),
  });
};
