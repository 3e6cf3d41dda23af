/** The life of an exec as moments on a line of marbles: what `expectLife` compares. */
import type { Moment } from '../hcs/simulated/script.js';
import type { Exec } from '../streams/exec/exec-interface.js';

/** What happened, and what is told of it in words. */
export interface LifeMoment extends Moment {
  readonly words?: string;
  /** Of an exit. */
  readonly status?: number;
}

/**
 * Follows an exec from now on: `c` created, `r` running and told so, `x` its exit is known, `|` released. The list grows
 * as it lives. `now` counts from wherever the line begins.
 */
export const lifeOf = (exec: Exec, now: () => number): readonly LifeMoment[] => {
  const moments: LifeMoment[] = [];
  let ran = false;
  let exited = false;
  exec.state$.subscribe(({ phase, exit, truncated }) => {
    const at = now();
    if (phase === 'created') moments.push({ at, letter: 'c' });
    if (phase === 'running' && !ran) {
      ran = true;
      moments.push({ at, letter: 'r' });
    }
    if (exit !== undefined && !exited) {
      exited = true;
      const { kind, status, forced } = exit;
      moments.push({ at, letter: 'x', status, words: `${kind} ${status}${forced ? ', forced' : ''}` });
    }
    if (phase === 'released')
      moments.push({ at, letter: '|', ...(truncated && { words: 'output was cut' }) });
  });
  return moments;
};
