/**
 * An empty answer: it only confirms that a request has been carried out.
 */
import { concat, ignoreElements, type Observable, of } from 'rxjs';
import type { Act } from '../../hcs/contract/compute-process.js';

/** Performs the act, then emits the fields of the answer. */
export const answerAfter = <T extends object>(act: Act, fields: T): Observable<T> =>
  concat(act.pipe(ignoreElements()), of(fields));
