/**
 * The program that makes mount calls which this process cannot make itself: unmounts that find no thread, and mounts that
 * take a user namespace.
 *
 * It is run as `PROGRAM VERB ARGUMENTS…` and ends with the number of the failure, or 0.
 */
import { firstValueFrom, map } from 'rxjs';
import { launched } from '../process/launched.js';
import { posixSpawn } from '../process/posix-spawn.js';
import { reap } from '../process/reap.js';

let program: string | undefined;

/** `undefined` for none, as at the beginning. */
export const setMountHelper = (file: string | undefined): void => {
  program = file;
};

/** Resolves to the number of the failure, or 0; to `undefined` without a helper, or where it cannot be started or was killed. */
export const runMountHelper = async (
  verb: string,
  ...args: readonly string[]
): Promise<number | undefined> => {
  if (program === undefined) return undefined;
  const command = { file: program, args: [program, verb, ...args], env: [], cwd: '/' };
  try {
    const pid = posixSpawn(command, [undefined, undefined, undefined]);
    const { exit$ } = launched({ pid, watch: (end) => reap(pid, end) });
    return await firstValueFrom(exit$.pipe(map((exit) => (exit.kind === 'exited' ? exit.code : undefined))));
  } catch {
    return undefined;
  }
};
