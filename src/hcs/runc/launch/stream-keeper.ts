/** Keeps the streams of a process in a container, if the host of the processes outlives this program. */
import type { StreamKeeper } from '../../native/pipe/kept-streams.js';
import { childHost } from '../../native/process/child-host.js';

/** @param execId is empty for the init. */
export const streamKeeper = (id: string, execId: string): StreamKeeper | undefined => {
  const { kept } = childHost();
  return kept && { kept, name: `${id}/${execId}` };
};
