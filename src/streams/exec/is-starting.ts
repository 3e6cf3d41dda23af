/** Between `created` and `running`: containerd's states have no name for an exec whose start is under way. */
import type { Exec } from './exec-interface.js';

export const isStarting = (exec: Exec): boolean => {
  let starting = false;
  exec.state$.subscribe(({ phase }) => (starting = phase === 'starting')).unsubscribe();
  return starting;
};
