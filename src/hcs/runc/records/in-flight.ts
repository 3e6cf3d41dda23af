/**
 * Runtime commands that the previous owner of a container has left running. They are found by the path of the pid file,
 * which no other command has in its arguments.
 */
import { readdirSync } from 'node:fs';
import { defer, ignoreElements, type Observable, repeat, takeWhile, throwError, timer } from 'rxjs';
import { RxshimError } from '../../failures/errors.js';
import { readProc } from '../../native/process/proc.js';
import { killed } from '../../native/process/send-signal.js';

/** The pids of the commands that have yet to write this pid file, or are about to end. */
export const commandsInFlight = (pidFile: string): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && argumentsOf(pid).includes(pidFile));

const argumentsOf = (pid: number): readonly string[] => (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0');

const lookEvery = 20;
/** Hooks of a container may take long. */
const timeout = 30_000;

/** Completes when none of them runs. With `kill` they are killed. Errors with `unavailable` after a timeout. */
export const noneInFlight = (pidFile: string, { kill }: { readonly kill: boolean }): Observable<never> =>
  defer(() => {
    const deadline = Date.now() + timeout;
    return defer(() => {
      const pids = commandsInFlight(pidFile);
      if (kill) for (const pid of pids) killed(pid, 9);
      return [pids.length];
    }).pipe(
      repeat({ delay: () => (Date.now() > deadline ? throwError(stillThere) : timer(lookEvery)) }),
      takeWhile((count) => count > 0),
      ignoreElements(),
    );
  });

const stillThere = (): RxshimError =>
  new RxshimError('unavailable', 'a command of the OCI runtime that its owner has left behind does not end');
