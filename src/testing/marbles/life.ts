/**
 * The life of an exec as moments on a line of marbles, which `expectLife` compares.
 */
import { exact } from '../../hcs/simulated/script.js';
import type { Exec } from '../../streams/exec/interface.js';
import type { Phase } from '../../streams/exec/state/lifecycle.js';

/** A moment: `c` created, `r` running and published, `x` its exit is known, `|` released. */
export interface LifeMoment {
  readonly at: number;
  readonly kind: 'c' | 'r' | 'x' | '|';
  /** The exit status. */
  readonly status?: number;
  /** Further details. */
  readonly words?: string;
}

export interface Life {
  readonly id: string;
  /** Grows with its life. */
  readonly moments: readonly LifeMoment[];
  readonly phase: Phase | undefined;
}

/** Follows an exec from now on. `now` is the time on the line. */
export const lifeOf = (exec: Exec, now: () => number): Life => {
  const moments: LifeMoment[] = [];
  let latest: Phase | undefined;
  let ran = false;
  let exited = false;
  exec.state$.subscribe(({ phase, exit, truncated }) => {
    const at = exact(now());
    latest = phase;
    if (phase === 'created') moments.push({ at, kind: 'c' });
    if (phase === 'running' && !ran) {
      ran = true;
      moments.push({ at, kind: 'r' });
    }
    if (exit !== undefined && !exited) {
      exited = true;
      const { kind, status, forced } = exit;
      moments.push({ at, kind: 'x', status, words: `${kind} ${status}${forced ? ', forced' : ''}` });
    }
    if (phase === 'released')
      moments.push({ at, kind: '|', ...(truncated && { words: 'released, output was cut' }) });
  });
  return {
    id: exec.id,
    moments,
    get phase() {
      return latest;
    },
  };
};
