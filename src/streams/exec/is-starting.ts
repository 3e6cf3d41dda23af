/** Between `created` and `running`: containerd's states have no name for an exec whose start is under way. */
import { immediateValue } from '../../operators/immediate-value.js';
import type { Exec } from './interface.js';

export const isStarting = (exec: Exec): boolean => immediateValue(exec.state$)?.phase === 'starting';
