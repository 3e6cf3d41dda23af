/**
 * A task: a container with its init and the execs beside it, one outbox for all their events.
 *
 * What holds for its events whatever happens: create, start, exit, delete in that order for each process; the init's
 * exit is the last exit, and comes when the container is gone; nothing that was seen to end goes untold.
 */
import { context } from '@opentelemetry/api';
import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  type Observable,
  of,
  ReplaySubject,
  Subject,
  Subscription,
  switchMap,
  throwError,
} from 'rxjs';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { RxshimError } from '../../hcs/failures/errors.js';
import type { Command, CommandOptions } from '../../operators/command.js';
import { uninterruptible } from '../../operators/uninterruptible.js';
import { requireId, requireObject, requirePorts } from '../arguments.js';
import { type EventSink, eventOutbox } from '../event-outbox.js';
import { type TaskEvent, taskEvent } from '../events.js';
import { execFrom } from '../exec/exec.js';
import type { ExecOutcome } from '../exec/interface.js';
import type { ExecPorts } from '../exec/options.js';
import type { OutboxOptions } from '../outbox.js';
import { policiesOf } from '../policies.js';
import type { Publish } from '../publisher.js';
import { defaultTracer, tracedCommand } from '../traced-command.js';
import { type Container, type CreatedInit, createContainer, discardContainer } from './container.js';
import { agreeOnTerminal, openStdio, requireSpec } from './process-request.js';
import { closeTask } from './task-close.js';
import type { TaskContext } from './task-context.js';
import { taskHandle } from './task-handle.js';
import type { Task, TaskOptions } from './task-interface.js';
import { tracedPublish, traceInitExit } from './trace-task.js';
import { warnOfUnstarted } from './warn-of-unstarted.js';

/**
 * Makes a task in state `created`: opens its stdio, makes the init, publishes the create event.
 * @throws RxshimError `invalidArgument` for options that cannot be, before anything is opened.
 */
export const createTask = (options: TaskOptions, commandOptions?: CommandOptions): Command<Task> =>
  createTaskWith(eventOutbox, options, commandOptions);

/** Makes what publishes the events of a task, from what delivers one. */
export type MakeSink = (
  deliver: Publish,
  options: Pick<OutboxOptions<TaskEvent>, 'scheduler' | 'attemptTimeout' | 'log'>,
) => EventSink;

/** The same for a caller whose `publish` hands events to an outbox, with `directEvents`. */
export const createTaskWith = (
  makeSink: MakeSink,
  given: TaskOptions,
  commandOptions?: CommandOptions,
): Command<Task> => {
  const options = withIdleInit(given);
  const parent = options?.context ?? context.active();
  const made$ = defer(() => {
    requireOptions(options);
    claim(options);
    const agreed = agreeOnTerminal({ context: parent, ...options });
    const container = containerOf(agreed);
    return openStdio(options, agreed.stdio).pipe(
      switchMap((upstream) => createContainer(container, agreed, upstream)),
      switchMap((init) => announced(taskContext(agreed, container, init, makeSink))),
    );
  });
  const attributes = () => ({
    tid: options.id,
    bundle: options.bundle ?? '',
    terminal: options.stdio?.terminal ?? false,
  });
  return tracedCommand(
    { tracer: options?.tracer ?? defaultTracer, name: 'Create', attributes },
    made$,
    commandOptions,
  );
};

const containerOf = ({ system, policies, scheduler = asyncScheduler, log }: TaskOptions): Container => ({
  system,
  policies: policiesOf(policies),
  scheduler,
  log,
});

const announced = (task: TaskContext): Observable<Task> =>
  defer(() => {
    const { options, container, init, events } = task;
    const { stdin, stdout, stderr, terminal } = init.status();
    const io = { stdin, stdout, stderr, terminal };
    const created$ = events.publish(
      taskEvent('TaskCreate', options.id, { bundle: init.bundle, io, pid: init.pid }),
    );
    // A task that nobody has heard of, or asked for any longer, leaves nothing behind.
    let undoing = false;
    const undone$ = defer(() => {
      undoing = true;
      task.decided$.complete();
      return concat(init.forceExit(1), task.closed$, discardContainer(container)).pipe(ignoreElements());
    }).pipe(uninterruptible());
    const handedOver$ = defer(() => {
      task.told = true;
      task.decided$.complete();
      return of(taskHandle(task));
    });
    return concat(created$.pipe(ignoreElements()), handedOver$).pipe(
      catchError((error) =>
        concat(
          undone$,
          throwError(() => error),
        ),
      ),
      finalize(() => {
        if (!task.told && !undoing) undone$.subscribe();
      }),
    );
  });

const taskContext = (
  options: TaskOptions,
  container: Container,
  { upstream, process }: CreatedInit,
  makeSink: MakeSink,
): TaskContext => {
  const { id, bundle = '', publish } = options;
  const { policies, scheduler, log } = container;
  const tracing = { tracer: options.tracer ?? defaultTracer, parent: options.context ?? context.active() };
  const deliver = publish === undefined ? () => EMPTY : tracedPublish(tracing, publish);
  const events = makeSink(deliver, { scheduler, attemptTimeout: policies.publishTimeout, log });
  const ports = portsOf(options, events.publish);
  const { spec } = options;
  const init = execFrom(
    { taskId: id, id, bundle, upstream, ...(spec && { spec }), ...(process && { process }), ...ports },
    policies,
  );
  const closed$ = new ReplaySubject<ExecOutcome>(1);
  const life = new Subscription();
  const task: TaskContext = {
    options,
    container,
    ports,
    policies,
    scheduler,
    events,
    init,
    upstream,
    execs: new Map(),
    added$: new Subject(),
    closed$,
    told: false,
    decided$: new Subject(),
    deleted: false,
    life,
  };
  traceInitExit(tracing, id, init.released$);
  init.released$.pipe(switchMap((outcome) => closeTask(task, outcome))).subscribe(closed$);
  const forget = options.scheduler === undefined ? warnOfUnstarted(task) : undefined;
  closed$.subscribe({
    complete: () => {
      forget?.();
      life.unsubscribe();
      task.added$.complete();
    },
  });
  return task;
};

/** The options that all execs of the task share. They publish by the task's event sink. */
const portsOf = (
  { id, bundle, spec, stdio, namespace, ...ports }: TaskOptions,
  publish: Publish,
): ExecPorts => ({ ...ports, publish });

/** The system of a task is its own: it ends with the task. */
const claimed = new WeakSet<ComputeSystem>();

const claim = ({ id, system }: TaskOptions): void => {
  if (claimed.has(system))
    throw new RxshimError(
      'failedPrecondition',
      `create task ${id}: system ${system.id} belongs to another task`,
      {
        culprit: { field: 'system', value: system },
      },
    );
  claimed.add(system);
};

/** Without a description the init only waits, where its system has such a process. */
const withIdleInit = (options: TaskOptions): TaskOptions => {
  const { idle, initInDocument } = options?.system ?? {};
  if (idle === undefined || initInDocument || options.spec !== undefined) return options;
  return { ...options, spec: idle };
};

const requireOptions = (options: TaskOptions): void => {
  requireObject('options', options);
  requireId('id', options.id);
  requirePorts(options);
  const { initInDocument } = options.system;
  if (initInDocument === 'unlessDescribed' ? options.spec !== undefined : !initInDocument)
    requireSpec(options.spec);
};
