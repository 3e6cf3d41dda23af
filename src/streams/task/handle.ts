/** The task as its users see it. Commands are made when called. */
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
import { stopOptionNames } from '../exec/stop-options.js';
import { defaultTracer, tracedCommand } from '../traced-command.js';
import { addExec } from './commands/add-exec.js';
import { closed, whenClosed } from './commands/closed.js';
import { deleteExec } from './commands/delete.js';
import { killExec } from './commands/kill.js';
import { execsOf, lookUp } from './commands/look-up.js';
import { noSuchTask } from './errors.js';
import type { DeletedExec, ExecRequest, KillOptions, ProcessInfo, Task } from './interface.js';
import type { TaskLoop } from './machine.js';
import { initOf, upstreamOf } from './ports.js';
import { isDeleted } from './state/lifecycle.js';

const killOptionNames = [
  'execId',
  'all',
  'killMode',
  'unstarted',
] as const satisfies readonly (keyof KillOptions)[];

export const taskHandle = (task: TaskLoop): Task => new TaskHandle(task);

// A class, for once: V8 makes a shape of its own for every object whose literal has a getter, and keeps what that
// getter holds, here the whole task, until its next full collection.
class TaskHandle implements Task {
  readonly #task: TaskLoop;

  constructor(task: TaskLoop) {
    this.#task = task;
  }

  get id(): string {
    return this.#task.ports.options.id;
  }

  get system(): ComputeSystem {
    return this.#task.ports.system;
  }

  get init(): Exec {
    return initOf(this.#task.ports);
  }

  get bundle(): string {
    return this.init.bundle;
  }

  get execs(): readonly Exec[] {
    return execsOf(this.#task);
  }

  get execs$(): Observable<Exec> {
    // Subscribes to the later ones first: a subscriber may add an exec while it gets the present ones.
    return defer(() => merge(this.#task.ports.handles.added$, [this.init, ...this.execs]));
  }

  get events$(): Observable<TaskEvent> {
    return this.#task.ports.events.events$;
  }

  get closed$(): Observable<ExecOutcome> {
    return closed(this.#task);
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
    return this.#perform('Kill', killing, options, { eid: execId, signal, all }, killOptionNames);
  }

  pids(options?: CommandOptions): Command<readonly ProcessInfo[]> {
    return this.#perform('Pids', processesOf(this.#task), options);
  }

  wait(options?: CommandOptions): Command<ExecOutcome> {
    return this.#perform('Wait', awaited(this.#task), options);
  }

  stop(options: StopOptions & CommandOptions = {}): Command<StopOutcome> {
    return this.#perform('Stop', stopped(this.#task, options), options, undefined, stopOptionNames);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#perform('Dispose', disposed(this.#task));
  }

  #perform<T>(
    name: string,
    work: Observable<T>,
    options?: CommandOptions,
    attributes?: Attributes,
    ownOptions?: readonly string[],
  ): Command<T> {
    const { id, tracer = defaultTracer } = this.#task.ports.options;
    const span = { tracer, name, attributes: () => ({ tid: id, ...attributes }) };
    return tracedCommand({ ...span, ...(ownOptions && { ownOptions }) }, work, options);
  }
}

const processesOf = (task: TaskLoop): Observable<readonly ProcessInfo[]> =>
  defer(() => {
    const { options, system } = task.ports;
    return isDeleted(task.state) ? throwError(() => noSuchTask(options.id)) : system.pids();
  }).pipe(
    map((pids) => {
      const init = initOf(task.ports);
      // A pid may belong to another process after the exit of its own.
      const running = [init, ...execsOf(task)].filter((exec) => exec.state === 'running');
      const execIds = new Map(running.map((exec) => [exec.pid, exec === init ? '' : exec.id]));
      return pids.map((pid) => ({ pid, execId: execIds.get(pid) }));
    }),
  );

/** From here on an output of the init without a reader does not delay its exit. */
const awaited = (task: TaskLoop): Observable<ExecOutcome> =>
  defer(() => {
    upstreamOf(task.ports).awaited?.();
    return closed(task);
  });

const stopped = (task: TaskLoop, options: StopOptions): Observable<StopOutcome> =>
  initOf(task.ports)
    .stop(options)
    .pipe(switchMap((outcome) => concat(whenClosed(task), of(outcome))));

const disposed = (task: TaskLoop): Observable<unknown> =>
  concat(
    initOf(task.ports).forceExit(statusWhenKilled).pipe(ignoreElements()),
    whenClosed(task),
    defer(() => (isDeleted(task.state) ? EMPTY : deleteExec(task, ''))).pipe(
      // Another request has deleted it meanwhile.
      catchError((error) => (kindOf(error) === 'notFound' ? EMPTY : throwError(() => error))),
    ),
  );
