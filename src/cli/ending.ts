/**
 * How a run ends: with an exit code, or by the signal that requested the end and killed the command.
 *
 * A shell script stops at Ctrl-C only if the command it waits for dies by SIGINT; an exit with 130 means that the
 * command has handled it, and the script continues. Supervisors check the same. A signal that only the command got, or
 * that it survived, does not end this program.
 */
import { koffi } from '../hcs/native/call/koffi.js';

export interface Ending {
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals | undefined;
}

const PR_SET_DUMPABLE = 4;
/** A signal to itself arrives at once, unless it is blocked. */
const signalTimeout = 1_000;

/** Does not return if the signal kills this program. */
export const dieBy = async (signal: NodeJS.Signals): Promise<void> => {
  withoutCore();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  await new Promise((resolve) => setTimeout(resolve, signalTimeout));
};

/** The command may dump core; a core dump of this program would be useless. */
const withoutCore = (): void => {
  try {
    const prctl = koffi().load(null).func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  } catch {
    // Then a core dump is possible.
  }
};
