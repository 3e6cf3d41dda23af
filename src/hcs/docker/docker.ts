/**
 * A container of a Docker daemon or of Podman's service as a compute system.
 *
 * `create` makes the container with its first process held, `start` lets it go on, and further processes come by the exec
 * API. What a daemon does not say, or says wrongly, never becomes an exit: see `container/await-exit.ts` and
 * `exec/exit-of-exec.ts`.
 */

import {
  catchError,
  concat,
  defer,
  EMPTY,
  firstValueFrom,
  from,
  ignoreElements,
  lastValueFrom,
  type Observable,
  of,
  race,
} from 'rxjs';
import { commanded } from '../../operators/command.js';
import { act } from '../contract/act.js';
import type { AdoptedSystem, AdoptRequest } from '../contract/adoption.js';
import type { Act, ComputeProcess } from '../contract/compute-process.js';
import type { ComputeSystem } from '../contract/compute-system.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import { RxshimError } from '../failures/errors.js';
import { adoptContainer } from './adopt/adopt-container.js';
import { type DockerRegistry, registryOf } from './adopt/registry.js';
import { statusIn } from './api/api-error.js';
import { apiClient } from './api/client.js';
import type { Endpoint } from './api/endpoint.js';
import { findEndpoint, findPodman } from './api/find-endpoint.js';
import { killContainer, listPids, removeContainer } from './container/api-calls.js';
import { type Container, inspect, leave, newContainer } from './container/container.js';
import { createInit } from './container/create-init.js';
import type { ContainerCreate } from './container/create-types.js';
import type { DockerContainer } from './container/docker-container.js';
import {
  type DaemonOptions,
  type DockerOptions,
  resolveOptions,
  type Settings,
} from './container/options.js';
import { signalBeside } from './container/signal-beside.js';
import { signalStrategy } from './exec/signal-strategy.js';
import { startExec } from './exec/start-exec.js';
import { factsOf } from './facts/facts.js';
import { watchOom } from './facts/oom.js';
import { pulled } from './image/pull-image.js';
import { containerSignals } from './signals.js';

/**
 * A container that `create` makes from an image. Costs nothing until then.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type, by its path.
 * @example
 * const system = docker({ image: 'alpine', memory: '256m', network: 'none' });
 * const task = await createTask({ id: 'hello', system, spec: { args: ['echo', 'hello'] }, stdio: { stdout: 'pipe' } });
 * await task.init.start();
 */
export const docker = (options: DockerOptions): DockerContainer => made(options, findEndpoint);

/** The same by Podman's service: without a `host` that of CONTAINER_HOST, of this user, or of root. */
export const podman = (options: DockerOptions): DockerContainer => made(options, findPodman);

/**
 * The containers of a daemon, for `listTasks`, `adoptTask` and `reap`. Its `system` takes any container, by id or name.
 *
 * @example
 * const registry = dockerRegistry();
 * const task = await adoptTask({ id: 'web', system: registry.system('web'), stdio: { stdout: 'pipe' } });
 */
export const dockerRegistry = (options: DaemonOptions = {}): DockerRegistry =>
  registry(options, findEndpoint);

/** The same by Podman's service. */
export const podmanRegistry = (options: DaemonOptions = {}): DockerRegistry => registry(options, findPodman);

const registry = (options: DaemonOptions, find: () => Endpoint): DockerRegistry =>
  registryOf(options, find, (id) =>
    // Only its name is needed from here on, not the options of its creation.
    containerOf({ ...resolveOptions({ ...options, image: 'adopted' }, find), name: id }, undefined),
  );

const made = (options: DockerOptions, find: () => Endpoint): DockerContainer =>
  // There can be but one container of a given name.
  containerOf(
    resolveOptions(options, find),
    options.name === undefined ? () => made(options, find) : undefined,
  );

const containerOf = (settings: Settings, fresh: (() => DockerContainer) | undefined): DockerContainer => {
  const { endpoint, name, reconnectTimeout, execs } = settings;
  const container = newContainer(apiClient(endpoint), name, reconnectTimeout, execs);
  let startError: unknown;

  const create = async (parameters: ProcessParameters): Promise<ComputeProcess> => {
    if (container.phase !== 'new')
      throw new RxshimError('failedPrecondition', `container ${name} was created already`);
    const init = await createInit(container, settings.create, parameters, (body) =>
      createContainer(container, settings, body),
    );
    startError = init.startError;
    return init.process;
  };

  const adopt = async (request?: AdoptRequest): Promise<AdoptedSystem> => {
    if (container.phase !== 'new')
      throw new RxshimError('failedPrecondition', `container ${name} is in use already`);
    const { startError: error, ...adopted } = await adoptContainer(container, request);
    startError = error;
    return adopted;
  };

  const start = async (): Promise<void> => {
    if (startError !== undefined) throw startError;
    if (container.phase !== 'created')
      throw new RxshimError('failedPrecondition', `container ${name} has ended or was started already`);
    await firstValueFrom(
      container.api.call({
        method: 'POST',
        path: `/containers/${container.id}/start`,
        what: `start container ${name}`,
      }),
    );
    if (container.phase === 'created') container.phase = 'running';
    if (container.oom$.observed) watchOom(container);
    // Reads the process id and the image's stop signal. A container that is gone already needs neither: a daemon that handles
    // its end answers only afterwards.
    await firstValueFrom(
      race(
        defer(() => inspect(container)),
        container.exit$,
      ).pipe(catchError(() => of(undefined))),
    );
  };

  const terminate = (): Act =>
    defer((): Observable<unknown> => {
      container.ending = true;
      if (container.phase === 'running') return killContainer(container, sigkill);
      // Nothing runs in it: it is over, and what is left of it is to be removed.
      leave(container, { reason: 'ended' });
      return EMPTY;
    });

  return {
    id: name,
    get containerId() {
      return container.id;
    },
    os: 'linux',
    isOci: true,
    initInDocument: 'unlessDescribed',
    takesDescriptors: false,
    signals: containerSignals(() => container.details?.Config?.StopSignal ?? settings.create.StopSignal),
    exit$: container.exit$.asObservable(),
    ...factsOf(container),
    signalStrategy: () => commanded(defer(() => from(signalStrategy(container)))),
    create: (parameters) => defer(() => from(create(parameters))),
    start: () => defer(() => from(start())).pipe(ignoreElements()),
    createProcess: (parameters, _, identity) => startExec(container, parameters, identity?.id),
    adopt: (request) => defer(() => from(adopt(request))),
    shutdown: () =>
      defer(() => (container.phase === 'running' ? killContainer(container, sigterm) : terminate())),
    terminate,
    close: () =>
      act(() => {
        leave(container, { reason: 'closed' });
        container.isClosed = true;
        container.closed$.next();
      }),
    delete: () => concat(terminate().pipe(ignoreElements()), removeContainer(container)),
    signalAll: (signal) => concat(signalBeside(container, signal), killContainer(container, signal)),
    ...(fresh && { fresh }),
    pids: () => listPids(container),
  } satisfies ComputeSystem & DockerContainer;
};

/** Answers the daemon's id. Its image is pulled first where the settings say so. */
const createContainer = async (
  container: Container,
  settings: Settings,
  body: ContainerCreate,
): Promise<string> => {
  const { image, pull, platform } = settings;
  const pullIt = (): Promise<unknown> =>
    lastValueFrom(pulled(container.api, image, platform === undefined ? {} : { platform }), {
      defaultValue: undefined,
    });
  if (pull === 'always') await pullIt();
  try {
    return await requestContainer(container, settings, body);
  } catch (error) {
    // Asked first and pulled afterwards: most images are there, and looking for them would cost every container.
    if (pull !== 'missing' || statusIn(error) !== 404) throw error;
    await pullIt();
    return requestContainer(container, settings, body);
  }
};

const requestContainer = async (
  container: Container,
  { name, platform }: Settings,
  body: ContainerCreate,
): Promise<string> => {
  const { Id } = await firstValueFrom(
    container.api.call<{ readonly Id?: unknown }>({
      method: 'POST',
      path: '/containers/create',
      query: { name, platform },
      body,
      what: `create container ${name}`,
    }),
  );
  if (typeof Id === 'string' && Id !== '') return Id;
  throw new RxshimError('unknown', `create container ${name}: the answer holds no id`);
};

const [sigterm, sigkill] = [15, 9];
