/** The exit of a system by that of its first process, or of the container in which it runs processes. */
import type { ProcessExit } from '../contract/compute-process.js';
import type { SystemExit } from '../contract/compute-system.js';

export interface FoundEnd {
  readonly exit: ProcessExit;
  /** The container is no more, or its server does not come back. */
  readonly lost?: boolean;
}

export const systemExitOf = ({ exit, lost = false }: FoundEnd): SystemExit => {
  if (!lost) return { reason: 'ended' };
  return { reason: 'lost', ...(exit.kind === 'unknown' && { error: new Error(exit.reason) }) };
};
