/**
 * Arguments of Windows batch files.
 *
 * CreateProcess runs a `.bat` or `.cmd` by `cmd.exe`, which parses the arguments as commands: a quote escaped by the
 * rules of the C runtime ends a string there, `&` starts a command, and `%` cannot be escaped (CVE-2024-27980). The
 * invariant: an argument of a batch file is passed on only if cmd.exe takes every character literally. Node refuses
 * such files unless a shell is requested; here the equivalent is a `commandLine`, which the caller writes.
 */
import { invalid } from '../failures/errors.js';

/** The extension as CreateProcess sees it: trailing dots and blanks, and the name of a stream, are ignored. */
const batchName = /\.(?:bat|cmd)[. ]*(?::|$)/i;

/** Letters, digits and punctuation without a meaning for cmd.exe, quoted or not. */
const literal = /^[\p{L}\p{N} _.,:;=+@#~$'/\\[\]{}-]*$/u;

/** Whether CreateProcess runs this executable by cmd.exe. */
export const isBatchFile = (name: string): boolean => batchName.test(name);

/** @throws RxshimError `invalidArgument` for a batch file with an argument that cmd.exe would not take literally. */
export const requireBatchArgs = ([name = '', ...args]: readonly string[]): void => {
  // A file name has no quote, and CreateProcess ends the name there.
  if (!name.split('"').some(isBatchFile)) return;
  const refused = [name, ...args].find((arg) => !literal.test(arg));
  if (refused === undefined) return;
  throw invalid(
    'args',
    refused,
    'text that cmd.exe takes literally, since it runs batch files (or a whole commandLine)',
  );
};
