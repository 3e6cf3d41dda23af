/**
 * Removes from the runtime what a failed create or restore has left behind, and nothing else.
 */
import { catchError, EMPTY, type Observable, switchMap } from 'rxjs';
import { kindOf } from '../../failures/errors.js';
import type { Runtime } from '../command/runtime.js';
import { commandTimeout, runcDelete } from '../command/runtime-commands.js';
import { succeeded } from '../command/runtime-error.js';

/**
 * Completes whether or not the deletion succeeds. A container with this id that existed before `began` belongs to
 * somebody else and stays: some runtimes report another error before they notice that the id is taken.
 */
export const discardFailed = (
  runtime: Runtime,
  id: string,
  { error, began }: { readonly error: Error; readonly began: number },
): Observable<never> => {
  if (kindOf(error) === 'alreadyExists') return EMPTY;
  return runtime.run({ args: ['state', id], timeout: commandTimeout }).pipe(
    switchMap((end) => {
      if (succeeded(end) && !(createdAt(end.stdout) >= began)) return EMPTY;
      // Also if the runtime reports no such container: it may have been killed before it recorded what it had created.
      return runcDelete(runtime, id, ['--force']);
    }),
    catchError(() => EMPTY),
  );
};

const createdAt = (state: string): number => {
  try {
    return Date.parse((JSON.parse(state) as { created: string }).created);
  } catch {
    return Number.NaN;
  }
};
