/** Something that is done as soon as it is subscribed to. */
import { defer, EMPTY } from 'rxjs';
import type { Act } from './compute-process.js';

export const act = (work: () => void): Act =>
  defer(() => {
    work();
    return EMPTY;
  });
