/** The face of a task: what its users hold. */
import type { Attributes } from '@opentelemetry/api';
import { concat, defer, EMPTY, ignoreElements, map, merge, type Observable, of, switchMap } from 'rxjs';
import { statusWhenKilled } from '../../hcs/exit-code.js';
import type { CommandOptions } from '../../operators/command.js';
import type { StopOutcome } from '../exec/exec-interface.js';
import { defaultTracer, tracedCommand } from '../traced-command.js';
import { addExec } from './add-exec.js';
import { deleteExec } from './delete-exec.js';
import { execsOf, lookUp, type TaskContext } from './task-context.js';
import type { ProcessInfo, Task } from './task-interface.js';
import { killExec } from './task-kill.js';

export const taskHandle = (task: TaskContext): Task => {
  const { options, init, outbox, closed$, added$ } = task;
  const { id, system, tracer = defaultTracer } = options;

  const perform = <T>(name: string, work: Observable<T>, with_?: CommandOptions, attributes?: Attributes) =>
    tracedCommand({ tracer, name, attributes: () => ({ tid: id, ...attributes }) }, work, with_);

  const pids$ = defer(() => system.pids()).pipe(
    map((pids): readonly ProcessInfo[] => {
      // A number outlives its process, and may be another's by now.
      const running = [init, ...execsOf(task)].filter((exec) => exec.state === 'running');
      const execIds = new Map(running.map((exec) => [exec.pid, exec === init ? '' : exec.id]));
      return pids.map((pid) => ({ pid, execId: execIds.get(pid) }));
    }),
  );

  const stop = (...[stopOptions = {}]: Parameters<Task['stop']>): Observable<StopOutcome> =>
    init.stop(stopOptions).pipe(switchMap((outcome) => concat(closed$.pipe(ignoreElements()), of(outcome))));

  return {
    id,
    system,
    init,
    bundle: init.bundle,
    get execs() {
      return execsOf(task);
    },
    // The later ones first: whoever is told of the present ones may make another.
    execs$: defer(() => merge(added$, [init, ...execsOf(task)])),
    events$: outbox.published$,
    closed$,
    exec: (execId) => lookUp(task, execId),
    createExec: (request, with_) => perform('Exec', addExec(task, request), with_, { eid: request?.id }),
    delete: (execId = '', with_) => perform('Delete', deleteExec(task, execId), with_, { eid: execId }),
    kill: (signal, with_ = {}) => {
      const { execId = '', all = false } = with_;
      return perform('Kill', killExec(task, signal, { execId, all }), with_, { eid: execId, signal, all });
    },
    pids: (with_) => perform('Pids', pids$, with_),
    wait: (with_) => perform('Wait', closed$, with_),
    stop: (with_) => perform('Stop', stop(with_), with_),
    [Symbol.asyncDispose]: async () => {
      const ended$ = concat(init.forceExit(statusWhenKilled), closed$).pipe(ignoreElements());
      await perform(
        'Dispose',
        concat(
          ended$,
          defer(() => (task.deleted ? EMPTY : deleteExec(task, ''))),
        ),
      );
    },
  };
};
