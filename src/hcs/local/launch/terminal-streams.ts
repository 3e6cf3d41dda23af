/**
 * A terminal between a process and its caller, opened here and passed to the process by its path.
 */
import type { ConsoleSize } from '../../contract/compute-process.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { openTerminal } from '../../native/index.js';
import { masterStreams } from '../../native/pipe/master-streams.js';
import type { Streams } from '../../native/pipe/streams.js';

export const terminalStreams = (parameters: ProcessParameters, size: ConsoleSize): Streams => {
  const { master, path } = openTerminal(size);
  return { child: path, started: () => undefined, ...masterStreams(parameters, master) };
};
