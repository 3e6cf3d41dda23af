/** Removes what earlier runs of a program have left behind. */
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  from,
  ignoreElements,
  mergeMap,
  type Observable,
  of,
} from 'rxjs';
import { type Command, commanded } from '../../../operators/command.js';
import { killContainer, removeContainer } from '../container/api-calls.js';
import { newContainer } from '../container/container.js';
import {
  clientOf,
  type OwnedContainer,
  type OwnerOptions,
  ownedContainers,
  ownerIn,
} from './list-containers.js';

/** So many are removed at a time. */
const concurrency = 4;

/**
 * Kills and removes the containers of an owner that are abandoned: their program has ended, or their `lifetime` is over.
 * Those of a program that still runs stay, and so do those whose program may run on another host. Emits each that it has
 * removed; awaited, the last. A container that another program removes meanwhile is left to it.
 *
 * @throws RxshimError `unavailable` where the daemon cannot be reached.
 * @example
 * reap({ owner: 'ci' }).subscribe(({ name }) => console.log('removed', name));
 */
export const reap = (options: OwnerOptions): Command<OwnedContainer> =>
  commanded(
    defer(() => {
      const api = clientOf(options);
      const remove = (owned: OwnedContainer): Observable<OwnedContainer> => {
        const container = newContainer(api, owned.name, 0);
        container.id = owned.containerId;
        // Podman would give it the time of a stop.
        const killed$ = killContainer(container, sigkill).pipe(
          ignoreElements(),
          catchError(() => EMPTY),
        );
        return concat(killed$, removeContainer(container), of(owned));
      };
      return ownedContainers(api, ownerIn(options)).pipe(
        concatMap((found) => from(found)),
        filter(({ isAbandoned }) => isAbandoned),
        mergeMap(remove, concurrency),
      );
    }),
  );

const sigkill = 9;
