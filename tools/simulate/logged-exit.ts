/** An exit as it stands in a trace. */
import type { ExecExit } from '../../src/streams/exec/state/state.js';
import type { LoggedExit } from './trace.js';

export const loggedExit = (exit: ExecExit): LoggedExit => ({
  kind: exit.kind,
  status: exit.status,
  at: exit.at,
  forced: exit.forced,
  number: exit.kind === 'exited' ? exit.code : exit.kind === 'signaled' ? exit.signal : -1,
});
