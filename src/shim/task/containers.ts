/**
 * The containers of one daemon, by id.
 *
 * The invariant: an id is in use from before anything is made for its container until nothing of it is left, whether or not
 * the caller of Create or Delete still waits. A container that could not be removed is in use as any other.
 */
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import {
  BehaviorSubject,
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  Observable,
  Subject,
  tap,
} from 'rxjs';
import { RxshimError } from '../../hcs/failures/errors.js';
import { singleFlight } from '../../operators/single-flight.js';
import type { CreateTaskRequest, DeleteResponse } from '../messages/index.js';
import { createContainer, creationAbandoned, type ShimContainer, type ShimPorts } from './container.js';
import { removalOf } from './removal.js';

export interface Containers {
  /**
   * The ids in use, those of containers that are being created or removed among them, and a name for each request to
   * create that waits for its id: now, and after every change.
   */
  readonly ids$: Observable<ReadonlySet<string>>;
  /** @throws RxshimError `notFound`. */
  get(id: string): ShimContainer;
  find(id: string): ShimContainer | undefined;
  /**
   * Errors with `alreadyExists` for an id in use, but waits for an id that is just being freed. A failed creation leaves
   * nothing behind; an unsubscribe cancels the creation.
   *
   * @param parent of the container's spans.
   */
  create(request: CreateTaskRequest, parent?: Context): Observable<ShimContainer>;
  /** Adds a container that an earlier daemon has created. */
  restored(container: ShimContainer): void;
  /** Completes when the creation in flight under this id, if any, is undone. */
  abandonCreation(id: string): Observable<never>;
  /** Removes the container and frees its id. Runs to its end; asked again meanwhile, the answer is the same. */
  remove(container: ShimContainer): Observable<DeleteResponse>;
  /** The created containers, without those still being created. */
  list(): readonly ShimContainer[];
}

export interface Attendance {
  /** A container is being created. */
  arrived(id: string, bundle: string): void;
  /** A container was deleted or could not be created. */
  left(id: string): void;
}

/** The use of an id. */
interface Entry {
  /** Absent while it is being created. */
  container?: ShimContainer;
  /** Aborted when the container is not wanted any longer. */
  readonly creation: AbortController;
  /** The creation is over: the container is there, could not be made, or is undone. */
  created: boolean;
  /** Completes at that moment. */
  readonly created$: Subject<never>;
  /** Absent unless it is being removed. */
  removal?: Observable<DeleteResponse> | undefined;
}

export const containersOf = (ports: ShimPorts, { arrived, left }: Attendance): Containers => {
  const byId = new Map<string, Entry>();
  const ids$ = new BehaviorSubject<ReadonlySet<string>>(new Set());
  /** Requests to create that wait for the removal of an earlier container of the id: the daemon must not leave before them. */
  const waiting = new Set<string>();
  let requests = 0;
  const idsChanged = (): void => ids$.next(new Set([...byId.keys(), ...waiting]));

  const find = (id: string): ShimContainer | undefined => {
    const entry = byId.get(id);
    // Callers do not see a container while its creation is being undone.
    return entry?.created ? entry.container : undefined;
  };

  const claim = ({ id, bundle }: CreateTaskRequest): Entry => {
    if (byId.has(id)) throw new RxshimError('alreadyExists', `container ${id}`);
    const entry: Entry = { creation: new AbortController(), created$: new Subject(), created: false };
    byId.set(id, entry);
    idsChanged();
    arrived(id, bundle);
    return entry;
  };

  const free = (id: string, { container }: Entry): void => {
    byId.delete(id);
    ports.records?.removed(id);
    idsChanged();
    container?.end();
    left(id);
  };

  const remove = (container: ShimContainer): Observable<DeleteResponse> =>
    defer(() => {
      const { id } = container;
      const entry = byId.get(id);
      if (entry?.container !== container) throw new RxshimError('notFound', `container ${id}`);
      const over = (): void => {
        entry.removal = undefined;
      };
      entry.removal ??= singleFlight(
        removalOf(container, ports.log).pipe(
          tap({ next: () => free(id, entry), error: over, complete: over }),
        ),
      );
      return entry.removal;
    });

  const create = (request: CreateTaskRequest, parent: Context): Observable<ShimContainer> =>
    new Observable((listener) => {
      const { id } = request;
      const entry = claim(request);
      const { signal } = entry.creation;
      const over = (): void => {
        entry.created = true;
        entry.created$.complete();
      };
      const fail = (error: unknown): void => {
        over();
        listener.error(error);
      };
      // It was created all the same. If it cannot be removed it stays for the next delete.
      const undo = (container: ShimContainer): void => {
        const undone = (): void => fail(creationAbandoned(id));
        remove(container).subscribe({
          complete: undone,
          error: (err) => {
            ports.log?.warn({ err, id }, 'failed to delete a container whose creation was given up');
            undone();
          },
        });
      };
      createContainer(request, ports, { parent, signal }).subscribe({
        next: (container) => {
          entry.container = container;
          if (signal.aborted) return undo(container);
          over();
          listener.next(container);
          listener.complete();
        },
        error: (error) => {
          free(id, entry);
          fail(error);
        },
      });
      return () => {
        if (!entry.created) entry.creation.abort();
      };
    });

  /** Completes when the id is free, or when it is clear that it stays in use. `undefined` if it is not being freed. */
  const freed = (id: string): Observable<never> | undefined => {
    const entry = byId.get(id);
    if (entry?.creation.signal.aborted && !entry.created) return entry.created$;
    return entry?.removal?.pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    );
  };

  return {
    ids$: ids$.asObservable(),
    find,
    get: (id) => {
      const container = find(id);
      if (container === undefined) throw new RxshimError('notFound', `container ${id}`);
      return container;
    },
    restored: (container) => {
      const { id, bundle } = container;
      byId.set(id, {
        container,
        creation: new AbortController(),
        created$: new Subject(),
        created: true,
      });
      idsChanged();
      arrived(id, bundle);
    },
    create: (request, parent = ROOT_CONTEXT) =>
      defer(() => {
        const freed$ = freed(request.id);
        if (freed$ === undefined) return create(request, parent);
        requests += 1;
        // No id has a blank.
        const name = `${request.id} ${requests}`;
        waiting.add(name);
        idsChanged();
        return concat(freed$, create(request, parent)).pipe(
          finalize(() => {
            waiting.delete(name);
            idsChanged();
          }),
        );
      }),
    abandonCreation: (id) =>
      defer(() => {
        const entry = byId.get(id);
        if (entry === undefined || entry.created) return EMPTY;
        entry.creation.abort();
        return entry.created$;
      }),
    remove,
    list: () => [...byId.keys()].flatMap((id) => find(id) ?? []),
  };
};
