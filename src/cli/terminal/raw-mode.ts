/**
 * Raw mode for the user's terminal: every key goes to the command, including Ctrl-C. Restored on every exit that a
 * program can intercept, including an uncaught error; Node does the same for fatal signals.
 */
import type { ReadStream } from 'node:tty';

/** @returns a function that restores the terminal. It may be called more than once. */
export const rawMode = (terminal: ReadStream): (() => void) => {
  const giveBack = (): void => {
    process.off('exit', giveBack);
    process.off('SIGCONT', again);
    if (terminal.isRaw) terminal.setRawMode(false);
  };
  // A terminal that has hung up refuses; nothing to restore.
  terminal.on('error', () => undefined);
  // A shell that stopped this program has reset the terminal.
  const again = (): void => {
    if (terminal.isRaw) terminal.setRawMode(false).setRawMode(true);
  };
  terminal.setRawMode(true);
  process.on('SIGCONT', again);
  process.on('exit', giveBack);
  return giveBack;
};
