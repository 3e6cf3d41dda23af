/**
 * The output of this program itself, on its stdout and stderr. A failed write is an error of the program, except where
 * the reader has left: it has what it wanted.
 */
import { CliError, exitCodes } from '../options/usage.js';
import { systemReason } from '../system-reason.js';
import { descriptorWriter, type Writer } from './descriptor-writer.js';

/** A shell reports 128 + 13 for a program that SIGPIPE has ended. */
export const readerLeftCode = 141;

/** @throws CliError if the writer has failed for another reason than a reader that left. */
export const assertWritten = ({ fd, failure }: Pick<Writer, 'fd' | 'failure'>): void => {
  const error = failure();
  if (error === undefined || error.code === 'EPIPE') return;
  const name = fd === 1 ? 'stdout' : 'stderr';
  throw new CliError(`cannot write to ${name}: ${systemReason(error)}`, exitCodes.failed, error);
};

/** @throws CliError if it cannot be written to stdout. */
export const print = (text: string): void => {
  const stdout = descriptorWriter(1);
  stdout.write(text);
  assertWritten(stdout);
};

/** A sink for the output of a command. Once a write has failed it rejects, so that the command gets SIGPIPE. */
export const sinkOf = ({ write, failure }: Writer) => ({
  write: async (chunk: Uint8Array): Promise<void> => {
    write(chunk);
    const error = failure();
    if (error !== undefined) throw error;
  },
});
