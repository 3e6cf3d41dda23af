/** The exit of a command from its record in the container, for those who have no connection to it. */
import type { ProcessExit } from '../../contract/compute-process.js';
import { exited, unknownExit } from '../../contract/exit-code.js';
import { messageOf } from '../../failures/errors.js';
import { askEnd } from '../../in-container/confirming-script.js';
import { backoff, pause } from '../../remote/pause.js';
import { statusIn } from '../api/api-error.js';
import type { PodContext } from '../pod/pod-context.js';
import { runInside } from './run-inside.js';

/**
 * Asks until the command has ended, or its container cannot be asked.
 * @param why there is no connection, for the reason of an exit that cannot be found out.
 */
export const askForEnd = async (pod: PodContext, nonce: string, why: string): Promise<ProcessExit> => {
  const next = backoff(100, 5_000);
  let deadline = Date.now() + pod.cluster.reconnectTimeout;
  let last = '';
  for (;;) {
    if (pod.isClosed) return unknownExit('the handle of its pod was closed');
    if (pod.phase === 'ended') return unknownExit(`${why}, and its container has ended since`);
    try {
      const { code, output } = await runInside(pod, askEnd, nonce);
      const found = Number(output.trim());
      if (code === 0 && output.trim() !== '' && Number.isInteger(found)) return exited(found);
      if (code === noRecord)
        return unknownExit(`${why}, and it has left no exit code: it was killed with it`);
      last = output.trim();
    } catch (error) {
      last = messageOf(error);
      if (statusIn(error) === 404) return unknownExit(`${why}, and its pod was deleted`);
      // A connection that was made and lost again shows that the server is there.
      if (/connection was lost/.test(last)) deadline = Date.now() + pod.cluster.reconnectTimeout;
    }
    if (Date.now() >= deadline) return unknownExit(`${why}: ${last}`);
    await pause(next());
  }
};

const noRecord = 3;
