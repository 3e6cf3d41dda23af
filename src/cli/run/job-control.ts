/**
 * Stops and continues a command that has a session of its own together with this program.
 *
 * A shell stops a job by its terminal (Ctrl-Z) and continues it by a signal to its group; both reach this program alone
 * where the command is in another session. SIGSTOP, and not SIGTSTP: the kernel drops that for a session whose leader has
 * no parent in it.
 */
import type { Task } from '../../index.js';

/** @returns what ends it: from then on this program alone stops. */
export const stopTogether = (task: Task): (() => void) => {
  const tell = (signal: string, then: () => void): void =>
    void task.kill(signal, { killMode: 'tree' }).subscribe({ error: then, complete: then });
  const stop = (): void => tell('SIGSTOP', () => process.kill(process.pid, 'SIGSTOP'));
  const goOn = (): void => tell('SIGCONT', () => undefined);
  process.on('SIGTSTP', stop);
  process.on('SIGCONT', goOn);
  return () => {
    process.off('SIGTSTP', stop);
    process.off('SIGCONT', goOn);
  };
};
