/**
 * Ends this program with a code, also when its terminal has hung up.
 *
 * Node gives terminals back as they were when it started, and aborts where the system refuses: a terminal that is gone.
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
    // Then by Node's way, whatever comes of it.
  }
};
