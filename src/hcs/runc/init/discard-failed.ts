/**
 * Removes what a failed attempt to make a container has left with the runtime, and nothing else.
 */
import { catchError, EMPTY, type Observable, switchMap } from 'rxjs';
import { kindOf } from '../../failures/errors.js';
import type { Runtime } from '../command/runtime.js';
import { orderDelete, patience } from '../command/runtime-commands.js';
import { succeeded } from '../command/runtime-error.js';

/**
 * Completes when it is done, or cannot be done. A container of that name that was there before `began` is somebody
 * else's and stays: not every runtime looks for one before it finds something else to complain of.
 */
export const discardFailed = (
  runtime: Runtime,
  id: string,
  { error, began }: { readonly error: Error; readonly began: number },
): Observable<never> => {
  if (kindOf(error) === 'alreadyExists') return EMPTY;
  return runtime.run({ args: ['state', id], patience }).pipe(
    switchMap((end) => {
      if (succeeded(end) && !(createdAt(end.stdout) >= began)) return EMPTY;
      // Also where the runtime knows of none: it may have been killed before it wrote down what it had made.
      return orderDelete(runtime, id, ['--force']);
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
