/** Removes the records of an exec when its owner has seen its exit and releases it. */
import { concat, defer, EMPTY, tap } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';

export const forgottenWhenClosed = (
  process: ComputeProcess,
  records: { remove(): void } | undefined,
): ComputeProcess => {
  if (records === undefined) return process;
  let isSeen = false;
  return {
    ...process,
    exit$: process.exit$.pipe(
      tap(() => {
        isSeen = true;
      }),
    ),
    close: () =>
      concat(
        process.close(),
        defer(() => {
          if (isSeen) records.remove();
          return EMPTY;
        }),
      ),
  };
};
