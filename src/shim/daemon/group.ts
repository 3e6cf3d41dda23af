/**
 * When the daemon may leave, and that nobody is promised a daemon that is about to.
 *
 * It stays while it has containers, while one is announced that was not made yet, and for a while after the last. The
 * launcher announces each container before it tells containerd the address: what it was promised here is kept.
 */
import { RxshimError } from '../../hcs/errors.js';

export interface GroupOptions {
  /** How long to stay after the last container, in milliseconds. */
  readonly linger: number;
  /** How many containers there are. */
  readonly size: () => number;
  /** Called once. */
  readonly leave: () => void;
}

export interface Group {
  /** Promises to stay until this container was made, or for as long as anybody could reasonably take to ask for it. */
  join(id: string): void;
  /** It is being made now. */
  arrived(id: string): void;
  /** The number of containers has changed. */
  changed(): void;
  /** containerd needs the daemon no more, for all it knows. */
  shutdown(): void;
  /** Leaves whatever there is. */
  stop(): void;
}

/** How long an announced container may take to be asked for, in milliseconds. */
const promised = 60_000;

/**
 * How long a daemon without containers stays when nobody told it to shut down, in milliseconds. A containerd that was
 * restarted keeps its connection without ever asking for anything; it cleans up when the daemon is gone.
 */
const forgotten = 60_000;

export const group = ({ linger, size, leave }: GroupOptions): Group => {
  const announced = new Map<string, NodeJS.Timeout>();
  let timer: NodeJS.Timeout | undefined;
  let asked = false;
  let leaving = false;

  const isIdle = (): boolean => size() === 0 && announced.size === 0;

  const stop = (): void => {
    if (leaving) return;
    leaving = true;
    clearTimeout(timer);
    for (const promise of announced.values()) clearTimeout(promise);
    leave();
  };

  const consider = (): void => {
    clearTimeout(timer);
    if (leaving || !isIdle()) return;
    if (asked && linger === 0) return stop();
    timer = setTimeout(stop, asked ? linger : Math.max(linger, forgotten));
  };

  const arrived = (id: string): void => {
    // Every container is followed by a shutdown of its own.
    asked = false;
    clearTimeout(announced.get(id));
    announced.delete(id);
  };

  consider();
  return {
    join: (id) => {
      if (leaving) throw new RxshimError('unavailable', 'the daemon is leaving');
      arrived(id);
      const giveUp = (): void => {
        announced.delete(id);
        consider();
      };
      announced.set(id, setTimeout(giveUp, promised));
      consider();
    },
    arrived,
    changed: consider,
    shutdown: () => {
      asked = true;
      consider();
    },
    stop,
  };
};
