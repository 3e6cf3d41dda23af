/** Containers of this very host: groups of its processes, isolated by nothing. For remote execs, and for tests. */
import { defer, of } from 'rxjs';
import { local } from '../hcs/local/index.js';
import type { GuestEngine } from './guest-engine.js';

/** What a document leaves open (`cwd` relative to what, which environment) is as `local` has it. */
export const localEngine = (): GuestEngine => ({
  container: ({ id }) => defer(() => of(local({ id }))),
  host: () => local(),
});
