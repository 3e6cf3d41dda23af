/**
 * Decides how a process is connected: by a terminal, or by a pipe or descriptor for each stream.
 */
import type { ConsoleSize } from '../contract/compute-process.js';
import type { Descriptors } from '../contract/compute-system.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import { invalid } from '../failures/errors.js';
import { pipeStreams } from '../native/pipe/pipe-streams.js';
import type { Streams } from '../native/pipe/streams.js';
import { terminalStreams } from './terminal-streams.js';

/**
 * Opens what the parameters ask for. A stream with a descriptor gets that, one asked for a pipe, any other /dev/null.
 *
 * @throws RxshimError `invalidArgument` for descriptors that are not open, or that are given besides a terminal.
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
