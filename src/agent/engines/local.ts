/**
 * Containers without isolation: groups of processes of this host. For remote execs and tests.
 */
import { defer, of } from 'rxjs';
import { local } from '../../hcs/local/index.js';
import type { AgentEngine } from '../engine.js';

/** Defaults for what a document leaves out (`cwd`, environment) are those of `local`. */
export const localEngine = (): AgentEngine => ({
  container: ({ id }) => defer(() => of(local({ id }))),
  host: () => local(),
});
