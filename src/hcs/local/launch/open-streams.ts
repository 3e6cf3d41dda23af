/**
 * Opens the streams of a process: a terminal, or a pipe or descriptor for each.
 */
import type { ConsoleSize } from '../../contract/compute-process.js';
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { invalid } from '../../failures/errors.js';
import { pipeStreams } from '../../native/pipe/pipe-streams.js';
import type { Streams } from '../../native/pipe/streams.js';
import { terminalStreams } from './terminal-streams.js';

/**
 * Opens what the parameters ask for: a given descriptor, a requested pipe, and /dev/null for any other stream.
 *
 * @throws RxshimError `invalidArgument` for descriptors that are not open, or combined with a terminal.
 */
export const openStreams = (
  parameters: ProcessParameters,
  descriptors: Descriptors,
  terminal: ConsoleSize | undefined,
): Streams => {
  if (!terminal) return pipeStreams(parameters, descriptors);
  const given = Object.values(descriptors).find((fd: unknown) => fd !== undefined);
  if (given !== undefined) throw invalid('descriptors', given, 'none for a process with a terminal');
  return terminalStreams(parameters, terminal);
};
