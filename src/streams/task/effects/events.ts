/** The effects that publish the events of the task itself. */
import { catchError, concat, defer, EMPTY, finalize, ignoreElements, type Observable, of } from 'rxjs';
import { errorData } from '../../error-data.js';
import { taskEvent } from '../../events.js';
import { initOf, type Ports, step } from '../ports.js';
import type { Fact } from '../state/fact.js';
import type { State } from '../state/state.js';

export const announce = (ports: Ports): Observable<Fact> =>
  defer(() => {
    const { events, options } = ports;
    const { bundle, pid, stdin, stdout, stderr, terminal } = initOf(ports).status();
    const io = { stdin, stdout, stderr, terminal };
    return events.publish(taskEvent('TaskCreate', options.id, { bundle, io, pid }));
  }).pipe(
    ignoreElements(),
    (published$) => concat(published$, of<Fact>({ type: 'announced' })),
    catchError((error) => of<Fact>({ type: 'announceFailed', error: errorData(error) })),
  );

/** A task whose create event is not out publishes no exit. While that is undecided, the exit waits. */
export const publishExit = (ports: Ports, { announcement }: State): Observable<Fact> => {
  if (announcement === 'pending') return EMPTY;
  const published: Fact = { type: 'exitPublished' };
  if (announcement === 'failed') return of(published);
  const { events, options } = ports;
  const publish = () => {
    const { pid, exitStatus, exitedAt = new Date(0) } = initOf(ports).status();
    return events.publish(taskEvent('TaskExit', options.id, { id: options.id, pid, exitStatus, exitedAt }));
  };
  return concat(step(ports, publish, 'publishTimeout', 'failed to publish TaskExitEvent'), of(published));
};

/** The last event of the task. */
export const publishDelete = (ports: Ports): Observable<Fact> =>
  concat(
    defer(() => {
      const { events, options, handles } = ports;
      const { pid, exitStatus, exitedAt } = initOf(ports).status();
      handles.execs.clear();
      return events.publish(taskEvent('TaskDelete', options.id, { id: '', pid, exitStatus, exitedAt }));
    }).pipe(
      ignoreElements(),
      catchError((err) => {
        ports.log?.warn({ err }, 'failed to publish TaskDeleteEvent');
        return EMPTY;
      }),
      finalize(() => ports.events.end()),
    ),
    of<Fact>({ type: 'deletePublished' }),
  );
