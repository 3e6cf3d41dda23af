/**
 * The containers of one daemon, by id. An id is claimed before anything is made for it, so that of two requests at the
 * same moment one is told that the other was first.
 */
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { BehaviorSubject, defer, finalize, type Observable, tap } from 'rxjs';
import { RxshimError } from '../../hcs/errors.js';
import type { CreateTaskRequest } from '../messages/index.js';
import { createContainer, type ShimContainer, type ShimPorts } from './container.js';

export interface Containers {
  /** The ids in use, those of containers that are being created among them: now, and after every change. */
  readonly ids$: Observable<ReadonlySet<string>>;
  /** @throws RxshimError `notFound`. */
  get(id: string): ShimContainer;
  find(id: string): ShimContainer | undefined;
  /**
   * Errors with `alreadyExists` for an id in use; what cannot be made leaves nothing behind.
   * @param parent of the container's spans.
   */
  create(request: CreateTaskRequest, parent?: Context): Observable<ShimContainer>;
  forget(container: ShimContainer): void;
  /** Those that are there, the ones that are being made not among them. */
  list(): readonly ShimContainer[];
}

export interface Attendance {
  /** One more is being made. */
  arrived(id: string, bundle: string): void;
  /** One less: deleted, or it could not be made. */
  left(id: string): void;
}

export const containersOf = (ports: ShimPorts, { arrived, left }: Attendance): Containers => {
  const byId = new Map<string, ShimContainer | undefined>();
  const ids$ = new BehaviorSubject<ReadonlySet<string>>(new Set());
  const idsChanged = (): void => ids$.next(new Set(byId.keys()));

  const find = (id: string): ShimContainer | undefined => byId.get(id);

  const claim = ({ id, bundle }: CreateTaskRequest): void => {
    if (byId.has(id)) throw new RxshimError('alreadyExists', `container ${id}`);
    byId.set(id, undefined);
    idsChanged();
    arrived(id, bundle);
  };

  const giveUp = (id: string): void => {
    if (byId.get(id) !== undefined) return;
    byId.delete(id);
    idsChanged();
    left(id);
  };

  return {
    ids$: ids$.asObservable(),
    find,
    get: (id) => {
      const container = find(id);
      if (container === undefined) throw new RxshimError('notFound', `container ${id}`);
      return container;
    },
    create: (request, parent = ROOT_CONTEXT) =>
      defer(() => {
        const { id } = request;
        claim(request);
        return createContainer(request, ports, parent).pipe(
          tap((container) => byId.set(id, container)),
          finalize(() => giveUp(id)),
        );
      }),
    forget: (container) => {
      if (byId.get(container.id) !== container) return;
      byId.delete(container.id);
      idsChanged();
      container.end();
      left(container.id);
    },
    list: () => [...byId.values()].filter((container) => container !== undefined),
  };
};
