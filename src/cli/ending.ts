/**
 * How a run ends: with an exit code, or by the signal that asked for the end and ended the command.
 *
 * A shell script stops at Ctrl-C only if the command that it waits for dies by SIGINT; one that exits with 130 has
 * handled it, and the script goes on. Supervisors look for the same. A signal that came to the command alone, or that it
 * survived, is not this program's.
 */
import { koffi } from '../hcs/native/call/koffi.js';

export interface Ending {
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals | undefined;
}

const PR_SET_DUMPABLE = 4;
/** A signal to oneself takes no time, unless it is blocked. */
const patience = 1_000;

/** Does not return where the signal ends this program. */
export const dieBy = async (signal: NodeJS.Signals): Promise<void> => {
  withoutCore();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  await new Promise((resolve) => setTimeout(resolve, patience));
};

/** The command may leave a core of its own; this program's says nothing about it. */
const withoutCore = (): void => {
  try {
    const prctl = koffi().load(null).func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  } catch {
    // Then there may be one.
  }
};
