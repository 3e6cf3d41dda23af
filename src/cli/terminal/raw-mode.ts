/**
 * Raw mode for the user's terminal: every key goes to the command, including Ctrl-C. Restored on every exit that a
 * program can intercept, including an uncaught error; Node does the same for fatal signals.
 */
import type { ReadStream } from 'node:tty';
import { passOutputThrough } from '../../hcs/native/index.js';

/**
 * @param alone whether only the command writes to the terminal. Its output has passed through a terminal already, where
 * each line feed got its carriage return. Node's raw mode adds a second one, and a full-screen program that moves down by a
 * bare line feed would land in the first column.
 * @returns a function that restores the terminal. It may be called more than once.
 */
export const rawMode = (terminal: ReadStream & { fd: number }, alone: boolean): (() => void) => {
  const enter = (): void => {
    terminal.setRawMode(true);
    if (alone) passOutputThrough(terminal.fd);
  };
  const giveBack = (): void => {
    process.off('exit', giveBack);
    process.off('SIGCONT', again);
    if (terminal.isRaw) terminal.setRawMode(false);
  };
  // A terminal that has hung up refuses; nothing to restore.
  terminal.on('error', () => undefined);
  // A shell that stopped this program has reset the terminal.
  const again = (): void => {
    if (!terminal.isRaw) return;
    terminal.setRawMode(false);
    enter();
  };
  enter();
  process.on('SIGCONT', again);
  process.on('exit', giveBack);
  return giveBack;
};

/** The end of a line on a terminal that may be in raw mode. */
export const lineEnd = (): string => (process.stdin.isRaw === true ? '\r\n' : '\n');
