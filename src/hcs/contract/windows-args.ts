/**
 * Builds the command line of a Windows process from a list of arguments.
 *
 * The invariant: a program that parses its command line by the rules of the C runtime gets the same arguments. Programs
 * with rules of their own (such as `cmd.exe`) may not; for those the caller gives the whole command line.
 */

/**
 * Escapes one argument.
 *
 * A double quote gets a backslash; backslashes directly before one are doubled. Only a space, a tab or an empty
 * argument needs surrounding quotes; other white space does not.
 */
export const escapeWindowsArg = (arg: string): string => {
  if (arg === '') return '""';
  const quote = /[ \t]/.test(arg) ? '"' : '';
  // Each match covers a whole run of backslashes, so long runs take linear time.
  const escaped = arg.replace(/\\+"?|"/g, (run, offset: number) => {
    if (run.endsWith('"')) return `${doubled(run.slice(0, -1))}\\"`;
    // A run at the end precedes the closing quote, if there is one.
    return quote !== '' && offset + run.length === arg.length ? doubled(run) : run;
  });
  return `${quote}${escaped}${quote}`;
};

/**
 * The command line for a list of arguments: each escaped, joined by single spaces.
 *
 * @example windowsCommandLine(['cmd.exe', '/c', 'echo hi']) // cmd.exe /c "echo hi"
 */
export const windowsCommandLine = (args: readonly string[]): string => args.map(escapeWindowsArg).join(' ');

const doubled = (backslashes: string): string => backslashes + backslashes;
