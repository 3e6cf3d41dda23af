/**
 * Adds an exec to a running task. Its id is claimed before anything is opened for it, so that one of two simultaneous
 * requests fails. If a later step fails, the id is free again.
 */
import {
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  Observable,
  of,
  switchMap,
  throwError,
} from 'rxjs';
import type { ProcessSpec } from '../../../hcs/contract/process-spec.js';
import { atPath } from '../../../hcs/failures/errors.js';
import { refuseUnknown } from '../../../hcs/failures/refuse-unknown.js';
import { uninterruptible } from '../../../operators/uninterruptible.js';
import { requireId, requireObject } from '../../arguments.js';
import { taskEvent } from '../../events.js';
import { execFrom } from '../../exec/exec.js';
import type { Exec } from '../../exec/interface.js';
import { lateUpstream } from '../../stdio/upstream/late-upstream.js';
import type { StdioRequest } from '../../stdio/upstream/stdio-request.js';
import type { UpstreamIo } from '../../stdio/upstream.js';
import { execExists, initMustRun } from '../errors.js';
import type { ExecRequest } from '../interface.js';
import type { TaskLoop } from '../machine.js';
import { initOf } from '../ports.js';
import { agreeOnTerminal, openStdio, requireSpec } from '../process-request.js';
import { getId } from '../state/id-map.js';

/** The request is checked now. */
const opensAtStart = (stdio: StdioRequest, open: () => Observable<UpstreamIo>): Observable<UpstreamIo> =>
  defer(() => of(lateUpstream(stdio, open))).pipe(
    catchError((error) => throwError(() => atPath('stdio.', error))),
  );

export const addExec = (task: TaskLoop, request: ExecRequest): Observable<Exec> =>
  defer(() => {
    const { options } = task.ports;
    requireObject('request', request);
    refuseUnknown('', request, ['id', 'spec', 'stdio', 'openStdio']);
    const { id } = request;
    if (id === '' || (id === options.id && !task.ports.idsAreSeparate)) throw execExists(options.id, id);
    requireId('id', id);
    if (getId(task.state.execs, id) !== undefined) throw execExists(options.id, id);
    requireSpec(request.spec);
    const { spec, stdio } = agreeOnTerminal(request);
    if (!canHost(initOf(task.ports))) throw initMustRun(options.id);
    const open = (): Observable<UpstreamIo> => openStdio(options, stdio);
    let isAdded = false;
    const onAdded = (): void => {
      isAdded = true;
    };
    return claimed(task, id).pipe(
      switchMap(() =>
        defer(() => (request.openStdio === 'start' ? opensAtStart(stdio, open) : open())).pipe(
          switchMap((upstream) => added(task, { id, spec, upstream, onAdded })),
          // Failed, or cancelled by its caller while opening: either way there is no such exec.
          finalize(() => {
            if (!isAdded) task.post({ type: 'execForgotten', id });
          }),
        ),
      ),
    );
  });

/** Whether there is a container, with its init, for an exec to be in. */
const canHost = (init: Exec): boolean =>
  init.state === 'running' || (init.state === 'created' && init.pid !== 0);

/** Emits once when the id is taken for this request. The answer is in the state, since requests may come at the same moment. */
const claimed = (task: TaskLoop, id: string): Observable<undefined> =>
  new Observable((listener) => {
    const { handles, options } = task.ports;
    handles.requests += 1;
    const by = handles.requests;
    const answers = task.changes$.subscribe(({ lastClaim }) => {
      if (lastClaim?.by !== by) return;
      answers.unsubscribe();
      if (!lastClaim.granted) return listener.error(execExists(options.id, id));
      // No caller is left that could release the id.
      if (listener.closed) return task.post({ type: 'execForgotten', id });
      listener.next(undefined);
      listener.complete();
    });
    task.post({ type: 'execClaimed', id, by });
  });

interface OpenedExec {
  readonly id: string;
  readonly spec: ProcessSpec;
  readonly upstream: UpstreamIo;
  readonly onAdded: () => void;
}

const added = (task: TaskLoop, { id, spec, upstream, onAdded }: OpenedExec): Observable<Exec> => {
  const { options, events, execPorts, policies, handles } = task.ports;
  const init = initOf(task.ports);
  // The shared ports come last: V8 takes 100 ns for that, and 5 µs for a literal that goes on after a spread.
  const exec = execFrom(
    { taskId: options.id, id, isInit: false, bundle: init.bundle, spec, upstream, ...execPorts },
    policies,
  );
  // A subscriber of `execs$` may have started it. Until it is released its id is taken, and its container waits for it.
  const undo = (error: unknown): Observable<never> =>
    concat(
      exec.forceExit(1).pipe(ignoreElements()),
      exec.released$.pipe(ignoreElements()),
      defer(() => {
        if (handles.execs.get(id) === exec) {
          handles.execs.delete(id);
          task.post({ type: 'execForgotten', id });
        }
        return throwError(() => error);
      }),
    );
  // The init may have exited while stdio was being opened. From here on the exec closes its upstream.
  if (!canHost(init)) return undo(initMustRun(options.id));
  handles.execs.set(id, exec);
  onAdded();
  task.post({ type: 'execAdded', id });
  handles.added$.next(exec);
  const published$ = events
    .publish(taskEvent('TaskExecAdded', options.id, { execId: id }))
    .pipe(catchError(undo));
  return concat(published$.pipe(ignoreElements()), of(exec)).pipe(uninterruptible());
};
