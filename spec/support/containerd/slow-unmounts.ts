/** Lets the kernel take its time for the unmounting of some places, as a file system that has much to write out does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { running } from './run.js';

export interface SlowUnmounts {
  /** How often one of the places was unmounted or tried to be, as far as that is over. */
  count(): number;
  /** From here on nothing is slow any more. */
  end(): Promise<void>;
}

/** @param delay in milliseconds, for each call that `pid`, its threads or its children make. */
export const slowUnmounts = async (
  pid: number,
  places: readonly string[],
  { delay, directory }: { readonly delay: number; readonly directory: string },
): Promise<SlowUnmounts> => {
  const output = join(directory, `strace-${pid}`);
  const { child, ended, said } = running(
    'strace',
    [
      '-f',
      ...['-p', String(pid)],
      ...['-o', output],
      ...['-e', 'trace=umount2'],
      ...['-e', `inject=umount2:delay_enter=${delay * 1_000}`],
      ...places.flatMap((place) => ['-P', place]),
    ],
    { input: null, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await said(/attached/);
  return {
    count: () => (readFileSync(output, 'utf8').match(/umount2\(.*\) += /g) ?? []).length,
    end: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};
