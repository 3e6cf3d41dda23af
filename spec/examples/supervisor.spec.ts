/** The supervisor of the examples, in virtual time. */
import { describe, it } from '@jest/globals';
import { map, take } from 'rxjs';
import { supervisor } from '../../examples/supervisor.js';
import { inATask } from '../orchestrate/in-a-task.js';

describe('a supervisor', () => {
  it('starts again what has failed, after pauses that double', () =>
    inATask({ web: ['r-(1|)', 'r-(1|)', 'r'] }, async ({ task, scheduler, expectObservable, sleep }) => {
      const kinds$ = supervisor(task, ['web'], scheduler).pipe(
        map(({ kind }) => kind),
        take(7),
      );
      const values = { s: 'started', e: 'ended', w: 'waiting' };
      expectObservable(kinds$).toBe('s-(ew) 96ms s-(ew) 196ms (s|)', values);
      await sleep(400);
    }));
});
