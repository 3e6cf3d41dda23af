/**
 * Stops and continues a command in its own session together with this program.
 *
 * A shell stops a job by its terminal (Ctrl-Z) and continues it by a signal to its group. Both reach only this program
 * if the command is in another session. It uses SIGSTOP rather than SIGTSTP, which the kernel drops for a session whose
 * leader has no parent in it.
 */
import type { Task } from '../../index.js';

/** @returns a function that ends it: from then on only this program stops. */
export const stopTogether = (task: Task): (() => void) => {
  const send = (signal: string, then: () => void): void =>
    void task.kill(signal, { killMode: 'tree' }).subscribe({ error: then, complete: then });
  const stop = (): void => send('SIGSTOP', () => process.kill(process.pid, 'SIGSTOP'));
  const goOn = (): void => send('SIGCONT', () => undefined);
  process.on('SIGTSTP', stop);
  process.on('SIGCONT', goOn);
  return () => {
    process.off('SIGTSTP', stop);
    process.off('SIGCONT', goOn);
  };
};
