/** A process that has ended before it was adopted, or that cannot be found. It is never signalled: its pid may be that of another. */
import { EMPTY, of } from 'rxjs';
import type { ComputeProcess, ProcessExit } from '../../contract/compute-process.js';

export const endedProcess = (pid: number, exit: ProcessExit): ComputeProcess => ({
  pid,
  stdio: {},
  exit$: of(exit),
  signal: () => of('alreadyStopped'),
  kill: () => of('alreadyStopped'),
  resizeConsole: () => EMPTY,
  closeStdin: () => EMPTY,
  closeStdout: () => EMPTY,
  closeStderr: () => EMPTY,
  close: () => EMPTY,
});
