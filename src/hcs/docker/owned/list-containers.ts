/** The containers that rxshim has created with a daemon, by the labels that it gave them. */
import { defer, map, type Observable } from 'rxjs';
import { type Command, commanded } from '../../../operators/command.js';
import { invalid } from '../../failures/errors.js';
import { type ApiClient, apiClient } from '../api/client.js';
import { findEndpoint } from '../api/find-endpoint.js';
import { type DaemonOptions, labels, resolveDaemon, thisRun } from '../container/options.js';
import { isGone } from './program.js';

export interface OwnerOptions extends DaemonOptions {
  /** The `owner` that the containers were created with. */
  readonly owner: string;
}

/** A container that a program with this owner has created. */
export interface OwnedContainer {
  /** The daemon's id. */
  readonly containerId: string;
  readonly name: string;
  readonly image: string;
  /** As the daemon names it: `created`, `running`, `paused`, `exited`, … */
  readonly state: string;
  readonly createdAt: Date;
  /** Whether this run of the program has created it. */
  readonly isOurs: boolean;
  /** Its program has ended, or its `lifetime` is over: no program looks after it any more. */
  readonly isAbandoned: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Emits the containers of an owner, of this run of the program and of others, in any state; once.
 *
 * @throws RxshimError `unavailable` where the daemon cannot be reached.
 * @example
 * for (const { name, state, isOurs } of await listContainers({ owner: 'ci' })) console.log(name, state, isOurs);
 */
export const listContainers = (options: OwnerOptions): Command<readonly OwnedContainer[]> =>
  commanded(defer(() => ownedContainers(clientOf(options), ownerIn(options))));

export const clientOf = (options: OwnerOptions): ApiClient =>
  apiClient(resolveDaemon(options, findEndpoint).endpoint);

export const ownerIn = ({ owner }: OwnerOptions): string => {
  if (typeof owner !== 'string' || owner === '') throw invalid('owner', owner, 'the name of a program');
  return owner;
};

export const ownedContainers = (api: ApiClient, owner: string): Observable<readonly OwnedContainer[]> =>
  api
    .call<readonly Summary[]>({
      method: 'GET',
      path: '/containers/json',
      query: { all: true, filters: JSON.stringify({ label: [`${labels.owner}=${owner}`] }) },
      what: `list the containers of ${owner}`,
    })
    .pipe(map((found) => found.map((summary) => ownedOf(summary, Date.now()))));

/** One entry of `GET /containers/json`, as far as it is read. */
interface Summary {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly Image?: string;
  readonly State?: string;
  /** Seconds. */
  readonly Created?: number;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

const ownedOf = ({ Id, Names, Image, State, Created, Labels }: Summary, now: number): OwnedContainer => {
  const given = Labels ?? {};
  const isOurs = given[labels.run] === thisRun;
  const [expires, program] = [given[labels.expires], given[labels.program]];
  const isExpired = expires !== undefined && Date.parse(expires) <= now;
  return {
    containerId: Id,
    name: (Names?.[0] ?? Id).replace(/^\//, ''),
    image: Image ?? '',
    state: State ?? 'unknown',
    createdAt: new Date((Created ?? 0) * 1000),
    isOurs,
    isAbandoned: isExpired || (!isOurs && program !== undefined && isGone(program)),
    labels: given,
  };
};
