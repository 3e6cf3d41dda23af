/**
 * A further exec in a running task. Its id is claimed before anything is opened for it, so that of two requests at the
 * same moment one is told that the other was first; whatever fails on the way gives the id back.
 */
import {
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  type Observable,
  of,
  switchMap,
  throwError,
} from 'rxjs';
import type { ProcessSpec } from '../../hcs/contract/process-spec.js';
import { uninterruptible } from '../../operators/uninterruptible.js';
import { requireId, requireObject } from '../arguments.js';
import { taskEvent } from '../events.js';
import { execFrom } from '../exec/exec.js';
import type { Exec } from '../exec/interface.js';
import { lateUpstream } from '../stdio/upstream/late-upstream.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import { agreeOnTerminal, openStdio, requireSpec } from './process-request.js';
import type { TaskContext } from './task-context.js';
import { execExists, initMustRun } from './task-errors.js';
import type { ExecRequest } from './task-interface.js';

export const addExec = (task: TaskContext, request: ExecRequest): Observable<Exec> =>
  defer(() => {
    const { options, execs, init } = task;
    requireObject('request', request);
    const { id } = request;
    if (id === '' || id === options.id || execs.has(id)) return throwError(() => execExists(options.id, id));
    requireId('id', id);
    requireSpec(request.spec);
    const { spec, stdio } = agreeOnTerminal(request);
    if (!canHost(init)) return throwError(() => initMustRun(options.id));
    execs.set(id, undefined);
    const open = (): Observable<UpstreamIo> => openStdio(options, stdio);
    return defer(() => (request.openStdio === 'start' ? of(lateUpstream(stdio, open)) : open())).pipe(
      switchMap((upstream) => announced(task, { id, spec, upstream })),
      // Failed, or given up by its caller while opening: either way there is no such exec.
      finalize(() => {
        if (execs.get(id) === undefined) execs.delete(id);
      }),
    );
  });

/** Whether there is a container, with its init, for an exec to be in. */
const canHost = (init: Exec): boolean =>
  init.state === 'running' || (init.state === 'created' && init.pid !== 0);

interface OpenedExec {
  readonly id: string;
  readonly spec: ProcessSpec;
  readonly upstream: UpstreamIo;
}

const announced = (task: TaskContext, { id, spec, upstream }: OpenedExec): Observable<Exec> => {
  const { options, init, events, ports, policies } = task;
  // What is common to all comes last: V8 takes 100 ns for that, and 5 µs for a literal that goes on after a spread.
  const exec = execFrom({ taskId: options.id, id, bundle: init.bundle, spec, upstream, ...ports }, policies);
  // From here on the exec closes its upstream, and opening may have outlasted the init.
  // Whoever heard of it may have started it: until it is released its id is taken, and its container waits for it.
  const undo = (error: unknown): Observable<never> =>
    concat(
      exec.forceExit(1).pipe(ignoreElements()),
      exec.released$.pipe(ignoreElements()),
      defer(() => {
        if (task.execs.get(id) === exec) task.execs.delete(id);
        return throwError(() => error);
      }),
    );
  if (!canHost(init)) return undo(initMustRun(options.id));
  task.execs.set(id, exec);
  task.added$.next(exec);
  const told$ = events.publish(taskEvent('TaskExecAdded', options.id, { execId: id })).pipe(catchError(undo));
  return concat(told$.pipe(ignoreElements()), of(exec)).pipe(uninterruptible());
};
