/** Removes the records of an exec when its owner has seen its exit and releases it. */
import { concat, defer, EMPTY, tap } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { ProcessRecord } from './process-record.js';

export const forgottenWhenClosed = (process: ComputeProcess, record: ProcessRecord): ComputeProcess => {
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
          if (isSeen) record.remove();
          return EMPTY;
        }),
      ),
  };
};
