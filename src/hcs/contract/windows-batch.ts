/**
 * Arguments for batch files of Windows.
 *
 * CreateProcess runs a `.bat` or `.cmd` by `cmd.exe`, which reads the arguments as commands: a quote that is escaped by
 * the rules of the C runtime ends a text there, `&` begins a command, and nothing escapes `%` (CVE-2024-27980). The
 * invariant: an argument of a batch file is passed on only if cmd.exe takes every character of it literally. Node refuses
 * such files altogether unless a shell was asked for; here that is a `commandLine`, which is the caller's own text.
 */
import { invalid } from '../failures/errors.js';

/** The extension as CreateProcess sees it: dots and blanks at the end of a name, and the name of a stream, do not count. */
const batchName = /\.(?:bat|cmd)[. ]*(?::|$)/i;

/** Letters, digits and the punctuation that means nothing to cmd.exe, within quotes or without. */
const literal = /^[\p{L}\p{N} _.,:;=+@#~$'/\\[\]{}-]*$/u;

/** Whether CreateProcess hands this executable to cmd.exe. */
export const isBatchFile = (name: string): boolean => batchName.test(name);

/** @throws RxshimError `invalidArgument` for a batch file with an argument that cmd.exe would not take as it is. */
export const requireBatchArgs = ([name = '', ...args]: readonly string[]): void => {
  // A quote is in no name of a file, and CreateProcess ends the name there, whatever stands before it.
  if (!name.split('"').some(isBatchFile)) return;
  const refused = [name, ...args].find((arg) => !literal.test(arg));
  if (refused === undefined) return;
  throw invalid(
    'args',
    refused,
    'text that cmd.exe takes literally, since it runs batch files (or a whole commandLine)',
  );
};
