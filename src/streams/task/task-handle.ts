/** The face of a task: what its users hold. Commands are made when called. */
import type { Attributes } from '@opentelemetry/api';
import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  switchMap,
  throwError,
} from 'rxjs';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { statusWhenKilled } from '../../hcs/contract/exit-code.js';
import { kindOf } from '../../hcs/failures/errors.js';
import type { Command, CommandOptions } from '../../operators/command.js';
import type { TaskEvent } from '../events.js';
import type { Exec, ExecOutcome, StopOptions, StopOutcome } from '../exec/interface.js';
import { defaultTracer, tracedCommand } from '../traced-command.js';
import { addExec } from './add-exec.js';
import { deleteExec } from './delete-exec.js';
import { execsOf, lookUp, type TaskContext } from './task-context.js';
import { noSuchTask } from './task-errors.js';
import type { DeletedExec, ExecRequest, KillOptions, ProcessInfo, Task } from './task-interface.js';
import { killExec } from './task-kill.js';

export const taskHandle = (task: TaskContext): Task => new TaskHandle(task);

// A class, for once: V8 makes a shape of its own for every object whose literal has a getter, and keeps what that
// getter holds, here the whole task, until its next full collection.
class TaskHandle implements Task {
  readonly #task: TaskContext;

  constructor(task: TaskContext) {
    this.#task = task;
  }

  get id(): string {
    return this.#task.options.id;
  }

  get system(): ComputeSystem {
    return this.#task.options.system;
  }

  get init(): Exec {
    return this.#task.init;
  }

  get bundle(): string {
    return this.#task.init.bundle;
  }

  get execs(): readonly Exec[] {
    return execsOf(this.#task);
  }

  get execs$(): Observable<Exec> {
    // Later ones first: a subscriber may create another exec while it gets the present ones.
    return defer(() => merge(this.#task.added$, [this.init, ...this.execs]));
  }

  get events$(): Observable<TaskEvent> {
    return this.#task.events.events$;
  }

  get closed$(): Observable<ExecOutcome> {
    return this.#task.closed$;
  }

  exec(execId: string): Exec {
    return lookUp(this.#task, execId);
  }

  createExec(request: ExecRequest, options?: CommandOptions): Command<Exec> {
    return this.#perform('Exec', addExec(this.#task, request), options, { eid: request?.id });
  }

  delete(execId = '', options?: CommandOptions): Command<DeletedExec> {
    return this.#perform('Delete', deleteExec(this.#task, execId), options, { eid: execId });
  }

  kill(signal: number | string, options: KillOptions = {}): Command<void> {
    const { execId = '', all = false } = options;
    const killing = killExec(this.#task, signal, options);
    return this.#perform('Kill', killing, options, { eid: execId, signal, all });
  }

  pids(options?: CommandOptions): Command<readonly ProcessInfo[]> {
    return this.#perform('Pids', processesOf(this.#task), options);
  }

  wait(options?: CommandOptions): Command<ExecOutcome> {
    return this.#perform('Wait', awaited(this.#task), options);
  }

  stop(options: StopOptions & CommandOptions = {}): Command<StopOutcome> {
    return this.#perform('Stop', stopped(this.#task, options), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#perform('Dispose', disposed(this.#task));
  }

  #perform<T>(
    name: string,
    work: Observable<T>,
    options?: CommandOptions,
    attributes?: Attributes,
  ): Command<T> {
    const { id, tracer = defaultTracer } = this.#task.options;
    return tracedCommand({ tracer, name, attributes: () => ({ tid: id, ...attributes }) }, work, options);
  }
}

const processesOf = (task: TaskContext): Observable<readonly ProcessInfo[]> =>
  defer(() => {
    const { options, deleted } = task;
    return deleted ? throwError(() => noSuchTask(options.id)) : options.system.pids();
  }).pipe(
    map((pids) => {
      const { init } = task;
      // A number outlives its process, and may be another's by now.
      const running = [init, ...execsOf(task)].filter((exec) => exec.state === 'running');
      const execIds = new Map(running.map((exec) => [exec.pid, exec === init ? '' : exec.id]));
      return pids.map((pid) => ({ pid, execId: execIds.get(pid) }));
    }),
  );

/** An output of the init without a reader does not block it from here on. */
const awaited = ({ upstream, closed$ }: TaskContext): Observable<ExecOutcome> =>
  defer(() => {
    upstream.awaited?.();
    return closed$;
  });

const stopped = ({ init, closed$ }: TaskContext, options: StopOptions): Observable<StopOutcome> =>
  init.stop(options).pipe(switchMap((outcome) => concat(closed$.pipe(ignoreElements()), of(outcome))));

const disposed = (task: TaskContext): Observable<unknown> => {
  const ended$ = concat(task.init.forceExit(statusWhenKilled), task.closed$).pipe(ignoreElements());
  return concat(
    ended$,
    defer(() => (task.deleted ? EMPTY : deleteExec(task, ''))).pipe(
      // Somebody else was about to delete it, and was first.
      catchError((error) => (kindOf(error) === 'notFound' ? EMPTY : throwError(() => error))),
    ),
  );
};
