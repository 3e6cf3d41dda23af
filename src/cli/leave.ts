/**
 * Exits with a code, even if the terminal has hung up.
 *
 * Node restores the terminal settings on exit, and aborts if the system refuses because the terminal is gone.
 */
import { isatty } from 'node:tty';
import { koffi } from '../hcs/native/call/koffi.js';

const descriptors = [0, 1, 2] as const;
const hadTerminal = descriptors.map((fd) => isatty(fd));

export const leave = (exitCode: number): never => {
  if (process.platform !== 'win32' && descriptors.some((fd) => hadTerminal[fd] && !isatty(fd))) {
    process.emit('exit', exitCode);
    tryExitAtOnce(exitCode);
  }
  return process.exit(exitCode);
};

const tryExitAtOnce = (exitCode: number): void => {
  try {
    koffi().load(null).func('_exit', 'void', ['int'])(exitCode);
  } catch {
    // Fall back to Node's exit.
  }
};
