/**
 * The user's terminal in raw mode: every key goes to the command, Ctrl-C too. Given back on every way out that a program
 * can see, an uncaught error included; Node does the same for the signals it dies of.
 */
import type { ReadStream } from 'node:tty';

/** @returns what gives the terminal back; more than once does no harm. */
export const rawMode = (terminal: ReadStream): (() => void) => {
  const giveBack = (): void => {
    process.off('exit', giveBack);
    process.off('SIGCONT', again);
    if (terminal.isRaw) terminal.setRawMode(false);
  };
  // One that has hung up refuses, and there is nothing to give back.
  terminal.on('error', () => undefined);
  // A shell that stopped this program has taken the terminal for itself.
  const again = (): void => {
    if (terminal.isRaw) terminal.setRawMode(false).setRawMode(true);
  };
  terminal.setRawMode(true);
  process.on('SIGCONT', again);
  process.on('exit', giveBack);
  return giveBack;
};
