/**
 * Turns an argument list into the one command line that a Windows process is given.
 *
 * The invariant: a program that reads its command line by the rules of the C runtime sees the same arguments again, as
 * long as they are told apart by spaces and tabs. Programs with rules of their own (`cmd.exe` above all) may not:
 * whoever needs those writes the whole command line.
 */

/**
 * One argument, quoted where it has to be.
 *
 * A double quote gets a backslash; backslashes directly before one are doubled. Only a space, a tab or emptiness
 * asks for surrounding quotes; other white space does not.
 */
export const escapeWindowsArg = (arg: string): string => {
  if (arg === '') return '""';
  const quote = /[ \t]/.test(arg) ? '"' : '';
  // Each match takes a whole run of backslashes, so that long runs cost linear time.
  const escaped = arg.replace(/\\+"?|"/g, (run, offset: number) => {
    if (run.endsWith('"')) return `${doubled(run.slice(0, -1))}\\"`;
    // A run at the very end stands before the closing quote, if there is one.
    return quote !== '' && offset + run.length === arg.length ? doubled(run) : run;
  });
  return `${quote}${escaped}${quote}`;
};

/**
 * The command line for an argument list: each argument escaped, joined by single spaces.
 *
 * @example windowsCommandLine(['cmd.exe', '/c', 'echo hi']) // cmd.exe /c "echo hi"
 */
export const windowsCommandLine = (args: readonly string[]): string => args.map(escapeWindowsArg).join(' ');

const doubled = (backslashes: string): string => backslashes + backslashes;
