/**
 * Runs the program that makes mount calls which this process cannot make itself: unmounts that find no thread, and mounts that
 * need a user namespace.
 *
 * It ends with the number of the failure, or 0.
 */
import { firstValueFrom, map } from 'rxjs';
import { installedHelper } from '../process/helper-program.js';
import { launched } from '../process/launched.js';
import { posixSpawn } from '../process/posix-spawn.js';
import { reap } from '../process/reap.js';

/** Resolves to the number of the failure, or 0; to `undefined` without a helper, or where it cannot be started or was killed. */
export const runMountHelper = async (
  verb: string,
  ...args: readonly string[]
): Promise<number | undefined> => {
  const program = installedHelper();
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
