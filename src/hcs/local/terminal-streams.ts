/**
 * A terminal between a process and its caller, opened here and given to the process by its path.
 */
import type { ConsoleSize } from '../compute-process.js';
import { openTerminal } from '../native/index.js';
import { masterStreams } from '../native/master-streams.js';
import type { Streams } from '../native/streams.js';
import type { ProcessParameters } from '../process-parameters.js';

export const terminalStreams = (parameters: ProcessParameters, size: ConsoleSize): Streams => {
  const { master, path } = openTerminal(size);
  return { child: path, started: () => undefined, ...masterStreams(parameters, master) };
};
