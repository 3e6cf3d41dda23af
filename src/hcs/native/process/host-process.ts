/**
 * A process of this host as a compute process.
 *
 * The invariant: a signal reaches this process or none. As with `runc kill` it goes to the single process, not to its
 * group; the process tree signals descendants. Ctrl-C in a terminal is input, which the terminal turns into a signal
 * for its foreground group.
 */
import { constants } from 'node:os';
import { defer, of } from 'rxjs';
import type { ComputeProcess, ProcessTree } from '../../contract/compute-process.js';
import type { CallerStreams } from '../pipe/streams.js';
import type { Launched } from './launched.js';
import { sendSignal, signalNumber } from './send-signal.js';
import { streamActs } from './stream-acts.js';

export const hostProcess = (
  { pid, exit$, send }: Launched,
  streams: CallerStreams,
  tree?: ProcessTree,
): ComputeProcess => ({
  pid,
  exit$,
  signal: ({ Signal }) => defer(() => of(sendSignal(pid, signalNumber(Signal), send))),
  kill: () => defer(() => of(sendSignal(pid, constants.signals.SIGKILL, send))),
  ...(tree && { tree }),
  ...streamActs(pid, streams),
});
