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
import { invalid } from '../hcs/errors.js';
import type { ProcessSpec } from '../hcs/process-spec.js';
import { carriedOn } from '../operators/carried-on.js';
import { requireId, requireObject } from './arguments.js';
import { taskEvent } from './events.js';
import { createExec } from './exec.js';
import type { Exec } from './exec-interface.js';
import type { TaskContext } from './task-context.js';
import { execExists, initMustRun } from './task-errors.js';
import type { ExecRequest } from './task-interface.js';
import { openUpstream } from './upstream/open-upstream.js';
import type { UpstreamIo } from './upstream.js';

export const addExec = (task: TaskContext, request: ExecRequest): Observable<Exec> =>
  defer(() => {
    const { options, execs, init } = task;
    requireObject('request', request);
    const { id, spec, stdio = {} } = request;
    if (id === '' || id === options.id || execs.has(id)) return throwError(() => execExists(options.id, id));
    requireId('id', id);
    requireSpec(spec);
    if (init.state !== 'running') return throwError(() => initMustRun(options.id));
    execs.set(id, undefined);
    return openUpstream(stdio, loggerIdentity(options)).pipe(
      switchMap((upstream) => announced(task, request, upstream)),
      // Failed, or given up by its caller while opening: either way there is no such exec.
      finalize(() => {
        if (execs.get(id) === undefined) execs.delete(id);
      }),
    );
  });

const announced = (task: TaskContext, { id, spec }: ExecRequest, upstream: UpstreamIo): Observable<Exec> => {
  const { options, init, outbox } = task;
  const { bundle } = init;
  const exec = createExec({
    ...options,
    publish: outbox.publish,
    taskId: options.id,
    id,
    bundle,
    spec,
    upstream,
  });
  // From here on the exec closes its upstream, and opening may have outlasted the init.
  const undo = (error: unknown): Observable<never> => {
    task.execs.set(id, undefined);
    return concat(
      exec.forceExit(1).pipe(ignoreElements()),
      throwError(() => error),
    );
  };
  if (init.state !== 'running') return undo(initMustRun(options.id));
  task.execs.set(id, exec);
  task.added$.next(exec);
  const told$ = outbox.publish(taskEvent('TaskExecAdded', options.id, { execId: id })).pipe(catchError(undo));
  return concat(told$.pipe(ignoreElements()), of(exec)).pipe(carriedOn());
};

/** A logger's environment names the container, whichever exec it logs for. */
export const loggerIdentity = ({ id, namespace }: { readonly id: string; readonly namespace?: string }) => ({
  containerId: id,
  ...(namespace === undefined ? {} : { namespace }),
});

/** What is to run must be said, before anything is opened for it. */
export const requireSpec = (spec: ProcessSpec | undefined): void => {
  if (typeof spec !== 'object' || spec === null) throw invalid('spec', spec, 'an OCI process');
  if (spec.commandLine) return;
  const { args } = spec;
  if (!Array.isArray(args) || args.length === 0)
    throw invalid('spec.args', args, 'a command and its arguments');
  args.forEach((arg, index) => {
    if (typeof arg !== 'string' || arg.includes('\0')) {
      throw invalid(`spec.args[${index}]`, arg, 'a text without NUL characters');
    }
  });
};
