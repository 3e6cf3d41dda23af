/**
 * Decides when the daemon leaves.
 *
 * The daemon stays while it has containers, while a container is announced that was not created yet, and for a while after
 * the last. The launcher announces each container before containerd learns the daemon's address, so an announced container
 * always finds its daemon.
 *
 * The invariant: only `stop` ends a daemon that has containers. The state is scanned from facts, every new state replaces the
 * timer of the one before, and a state with containers has no timer.
 */
import {
  distinctUntilChanged,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  scan,
  startWith,
  switchMap,
  take,
  timer,
} from 'rxjs';
import { RxshimError } from '../../hcs/failures/errors.js';
import { mailbox } from '../../operators/mailbox.js';

export interface GroupOptions {
  /** The ids of the containers that exist or are being created: now, and after every change. */
  readonly ids$: Observable<ReadonlySet<string>>;
  /** How long to stay after the last container, in milliseconds. */
  readonly linger: number;
  readonly scheduler: SchedulerLike;
  /** Called once. */
  readonly leave: () => void;
}

export interface Group {
  /**
   * Promises to stay until this container is created, or for as long as a caller could reasonably take to ask for it.
   *
   * @throws RxshimError `unavailable` when the daemon is leaving.
   */
  join(id: string): void;
  /** containerd needs the daemon no more, for all it knows. */
  shutdown(): void;
  /** Leaves, with containers or without. */
  stop(): void;
}

/** How long an announced container may take to be created, in milliseconds. */
const announcedFor = 60_000;

/**
 * How long a daemon without containers stays when no shutdown was requested, in milliseconds. A containerd that was
 * restarted keeps its connection without ever asking for anything; it cleans up when the daemon is gone.
 */
const idleFor = 60_000;

/** One announcement. A second one of the same id is another object. */
interface Announcement {
  readonly id: string;
}

type GroupFact =
  | { readonly type: 'announced' | 'announcementExpired'; readonly announcement: Announcement }
  | { readonly type: 'containersChanged'; readonly ids: ReadonlySet<string> }
  | { readonly type: 'shutdownRequested' }
  | { readonly type: 'stopRequested' };

interface GroupState {
  readonly ids: ReadonlySet<string>;
  readonly announcements: readonly Announcement[];
  readonly shutdownRequested: boolean;
  readonly stopRequested: boolean;
}

const initial: GroupState = {
  ids: new Set(),
  announcements: [],
  shutdownRequested: false,
  stopRequested: false,
};

const reduce = (state: GroupState, fact: GroupFact): GroupState => {
  const { announcements } = state;
  switch (fact.type) {
    case 'announced': {
      const others = announcements.filter(({ id }) => id !== fact.announcement.id);
      // containerd follows every container with a shutdown of its own.
      return { ...state, announcements: [...others, fact.announcement], shutdownRequested: false };
    }
    case 'announcementExpired':
      // If its container has come, the announcement is over: return the same state, so that no timer restarts.
      if (!announcements.includes(fact.announcement)) return state;
      return { ...state, announcements: announcements.filter((other) => other !== fact.announcement) };
    case 'containersChanged': {
      const { ids } = fact;
      const arrived = new Set([...ids].filter((id) => !state.ids.has(id)));
      return {
        ...state,
        ids,
        // Not those of an id whose earlier container is still being removed.
        announcements: announcements.filter(({ id }) => !arrived.has(id)),
        shutdownRequested: state.shutdownRequested && arrived.size === 0,
      };
    }
    case 'shutdownRequested':
      return { ...state, shutdownRequested: true };
    case 'stopRequested':
      return { ...state, stopRequested: true };
  }
};

/** Emits when the daemon is to leave, if nothing happens before. */
const departure = (state: GroupState, linger: number, scheduler: SchedulerLike): Observable<unknown> => {
  if (state.stopRequested) return of(undefined);
  if (state.ids.size > 0 || state.announcements.length > 0) return NEVER;
  const stay = state.shutdownRequested ? linger : Math.max(linger, idleFor);
  // Not by a timer of 0: the socket is removed before the call that requests the shutdown is answered.
  return stay === 0 ? of(undefined) : timer(stay, scheduler);
};

export const group = ({ ids$, linger, scheduler, leave }: GroupOptions): Group => {
  const facts = mailbox<GroupFact>();
  let leaving = false;

  facts.posted$
    .pipe(
      scan(reduce, initial),
      startWith(initial),
      distinctUntilChanged(),
      switchMap((state) => departure(state, linger, scheduler)),
      take(1),
    )
    .subscribe(() => {
      leaving = true;
      facts.shut();
      leave();
    });
  ids$.subscribe((ids) => facts.post({ type: 'containersChanged', ids }));

  return {
    join: (id) => {
      if (leaving) throw new RxshimError('unavailable', 'the daemon is leaving');
      const announcement = { id };
      facts.post({ type: 'announced', announcement });
      scheduler.schedule(() => facts.post({ type: 'announcementExpired', announcement }), announcedFor);
    },
    shutdown: () => facts.post({ type: 'shutdownRequested' }),
    stop: () => facts.post({ type: 'stopRequested' }),
  };
};
