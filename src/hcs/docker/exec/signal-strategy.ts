/**
 * How the processes of a container's execs are signalled: the Engine API cannot do it. The first way that works is taken.
 */
import { RxshimError } from '../../failures/errors.js';
import { toolsOfScripts } from '../../in-container/signal-script.js';
import { statusIn } from '../api/api-error.js';
import type { Container } from '../container/container.js';
import { isOnThisHost } from '../container/on-this-host.js';
import { runInside } from './run-inside.js';

/**
 * - `host`: the daemon is on this host, and the kernel is asked.
 * - `container`: a script in the container signals them; it needs `sh`, `tr` and `grep` of the image.
 * - `none`: `kill` fails with kind `notImplemented`.
 */
export type SignalStrategy = 'host' | 'container' | 'none';

/** @throws RxshimError `failedPrecondition` for a container that does not run, `unavailable` for a daemon that does not. */
export const signalStrategy = async (container: Container): Promise<SignalStrategy> => {
  if (container.phase !== 'running')
    throw new RxshimError('failedPrecondition', `container ${container.name} is not running`);
  if (isOnThisHost(container)) return 'host';
  container.hasTools ??= await hasTools(container);
  return container.hasTools ? 'container' : 'none';
};

const hasTools = async (container: Container): Promise<boolean> => {
  try {
    const { code } = await runInside(container, toolsOfScripts);
    return code === 0;
  } catch (error) {
    // Only the runtime's own refusal shows that there is no shell.
    const { kind } = error as { readonly kind?: unknown };
    if (kind === 'unavailable' || statusIn(error) !== undefined) throw error;
    return false;
  }
};

/** @throws RxshimError `notImplemented` where no process of an exec can be signalled. */
export const requireSignals = async (container: Container): Promise<void> => {
  if ((await signalStrategy(container)) !== 'none') return;
  throw new RxshimError(
    'notImplemented',
    `exec in container ${container.name}: requireSignals: the daemon is not on this host, and the image lacks sh, tr or grep`,
  );
};
