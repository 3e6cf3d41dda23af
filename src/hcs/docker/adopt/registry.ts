/**
 * The containers that rxshim has created with a daemon, by the labels that it gave them: for `listTasks`, `adoptTask` and
 * `reap`.
 */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  firstValueFrom,
  from,
  ignoreElements,
  type Observable,
} from 'rxjs';
import { type Ownership, ownershipOf } from '../../contract/ownership.js';
import type { ListedState, ListedTask, TaskRegistry } from '../../contract/task-registry.js';
import { RxshimError } from '../../failures/errors.js';
import { requireKnown } from '../../failures/refuse-unknown.js';
import { isGone } from '../../native/process/program-identity.js';
import { statusIn } from '../api/api-error.js';
import { type ApiClient, apiClient } from '../api/client.js';
import type { Endpoint } from '../api/endpoint.js';
import { killContainer, removeContainer } from '../container/api-calls.js';
import { type Container, inspect, newContainer } from '../container/container.js';
import type { DockerContainer } from '../container/docker-container.js';
import { reportedEnd } from '../container/missed-end.js';
import { type DaemonOptions, daemonOptionNames, labels, resolveDaemon } from '../container/options.js';
import { type ContainerDetails, standingOf } from '../container/state.js';

/** The registry of a daemon. */
export interface DockerRegistry extends TaskRegistry {
  /** The system of a container, by its id or name, whichever client has created it. */
  system(id: string): DockerContainer;
}

export const registryOf = (
  options: DaemonOptions,
  find: () => Endpoint,
  system: (id: string) => DockerContainer,
): DockerRegistry => {
  requireKnown('', options, daemonOptionNames);
  const { endpoint } = resolveDaemon(options, find);
  const api = apiClient(endpoint);
  return {
    list: () => defer(() => from(listed(api))),
    system,
    remove: (id) => defer(() => removed(containerOf(api, id))),
  };
};

const containerOf = (api: ApiClient, id: string): Container => {
  const container = newContainer(api, id, 0);
  container.id = id;
  return container;
};

/** Podman would give it the time of a stop before it is removed. */
const removed = (container: Container): Observable<never> =>
  concat(
    killContainer(container, sigkill).pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    ),
    removeContainer(container),
  );

const sigkill = 9;

const listed = async (api: ApiClient): Promise<readonly ListedTask[]> => {
  const all = await firstValueFrom(
    api.call<readonly { readonly Id: string }[]>({
      method: 'GET',
      path: '/containers/json',
      query: { all: true, filters: JSON.stringify({ label: [labels.id] }) },
      what: 'list containers',
    }),
  );
  if (!Array.isArray(all)) throw new RxshimError('unknown', 'list containers: the answer is no list');
  const tasks: ListedTask[] = [];
  for (const { Id } of all) {
    const container = containerOf(api, Id);
    const details = await inspect(container).catch((error) => {
      // Removed meanwhile.
      if (statusIn(error) === 404) return undefined;
      throw error;
    });
    if (details !== undefined) tasks.push(await taskOf(container, details));
  }
  return tasks;
};

const taskOf = async (container: Container, details: ContainerDetails): Promise<ListedTask> => {
  const { Id, Name, State, Config, Created } = details;
  const standing = standingOf(State);
  const given = Config?.Labels ?? {};
  const createdAt = Date.parse(Created ?? '');
  const ownership = ownershipIn(given, createdAt);
  const state: ListedState =
    standing === 'notStarted' ? 'created' : standing === 'running' ? 'running' : 'exited';
  return {
    id: (Name ?? Id).replace(/^\//, ''),
    state,
    labels: given,
    ...(ownership && { ownership }),
    ...(createdAt > 0 && { createdAt }),
    ...(State.Pid && { pid: State.Pid }),
    ...(typeof standing === 'object' && { exit: await reportedEnd(container, details, standing) }),
  };
};

/** A container whose program has certainly ended has expired, whatever time it was given: no program looks after it. */
const ownershipIn = (given: Readonly<Record<string, string>>, createdAt: number): Ownership | undefined => {
  const ownership = ownershipOf(given);
  const program = given[labels.program];
  if (ownership === undefined || program === undefined || !isGone(program)) return ownership;
  return { ...ownership, expiresAt: createdAt > 0 ? createdAt : 0 };
};
