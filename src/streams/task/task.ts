/**
 * A task: a container with its init and other execs, and one sink for all their events.
 *
 *     commands ──► facts ──► reduce ──► state ──► effects ──► facts
 *
 * `state/lifecycle.ts` lists the transitions and their effects. Invariants of the events: create, start, exit, delete in
 * that order for each process; the exit of the init is the last exit, and is published when the container is gone or has
 * timed out; if the start event of a process is out, its exit is published.
 */
import { context } from '@opentelemetry/api';
import { asyncScheduler, EMPTY, Observable, Subject } from 'rxjs';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { RxshimError } from '../../hcs/failures/errors.js';
import { refuseUnknown } from '../../hcs/failures/refuse-unknown.js';
import type { Command, CommandOptions } from '../../operators/command.js';
import { requireId, requireObject, requirePorts } from '../arguments.js';
import { errorFrom } from '../error-data.js';
import { type EventSink, eventOutbox } from '../event-outbox.js';
import type { TaskEvent } from '../events.js';
import type { OutboxOptions } from '../outbox.js';
import { policiesOf } from '../policies.js';
import type { Publish } from '../publisher.js';
import { defaultTracer, tracedCommand } from '../traced-command.js';
import { whenClosed } from './commands/closed.js';
import { taskHandle } from './handle.js';
import type { Task, TaskOptions } from './interface.js';
import { resume, type TaskLoop, taskLoop } from './machine.js';
import { initOf, type Ports, type TaskRecorder } from './ports.js';
import { agreeOnTerminal, requireSpec } from './process-request.js';
import { initialState } from './state/state.js';
import { tracedPublish } from './trace.js';
import { warnOfUnstarted } from './warn-of-unstarted.js';

/**
 * Makes a task in state `created`: opens its stdio, makes the init, publishes the create event.
 * @throws RxshimError `invalidArgument` for options that cannot be, before anything is opened.
 */
export const createTask = (options: TaskOptions, commandOptions?: CommandOptions): Command<Task> =>
  createTaskWith({ makeSink: eventOutbox }, options, commandOptions);

/** Options for a program that publishes events itself, and records a task in order to restore it. */
export interface TaskInternals {
  readonly makeSink: MakeSink;
  readonly recorder?: TaskRecorder;
  /**
   * An exec may have the id of its task, as in containerd's API, where the init is the one without an exec id. Default: no,
   * because a `TaskExit` with that id is the init's.
   */
  readonly idsAreSeparate?: boolean;
}

/** Makes what publishes the events of a task, from what delivers one. */
export type MakeSink = (
  deliver: Publish,
  options: Pick<OutboxOptions<TaskEvent>, 'scheduler' | 'attemptTimeout' | 'log'>,
) => EventSink;

/** The same for a caller whose `publish` hands events to an outbox, with `directEvents`, or that records it. */
export const createTaskWith = (
  internals: TaskInternals,
  given: TaskOptions,
  commandOptions?: CommandOptions,
): Command<Task> => {
  const options = withIdleInit(given);
  const parent = options?.context ?? context.active();
  const made$ = new Observable<Task>((listener) => {
    requireOptions(options);
    claim(options);
    const task = taskLoop(portsOf(agreeOnTerminal({ context: parent, ...options }), internals), initialState);
    const changes = task.changes$.subscribe(({ phase, announcement, failure }) => {
      if (listener.closed) return;
      if (announcement === 'published') {
        listener.next(handOver(task));
        listener.complete();
      } else if (failure !== undefined && (phase === 'failed' || phase === 'over'))
        listener.error(errorFrom(failure));
    });
    resume(task);
    return () => {
      changes.unsubscribe();
      // Means something only as long as the caller was to get the task.
      task.post({ type: 'cancelled' });
    };
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

/** The task that its user gets. */
export const handOver = (task: TaskLoop): Task => {
  const { options, handles } = task.ports;
  const { execs, added$ } = handles;
  const watched = { options, init: initOf(task.ports), execs };
  const forget = options.scheduler === undefined ? warnOfUnstarted(watched) : undefined;
  whenClosed(task).subscribe({
    complete: () => {
      forget?.();
      added$.complete();
    },
  });
  return taskHandle(task);
};

export const portsOf = (
  options: Ports['options'],
  { makeSink, recorder, idsAreSeparate = false }: TaskInternals,
): Ports => {
  const { id, bundle, spec, stdio, namespace, ...shared } = options;
  const { system, scheduler = asyncScheduler, log, publish } = shared;
  const policies = policiesOf(options.policies);
  const tracing = { tracer: options.tracer ?? defaultTracer, parent: options.context ?? context.active() };
  const deliver = publish === undefined ? () => EMPTY : tracedPublish(tracing, publish);
  const events = makeSink(deliver, { scheduler, attemptTimeout: policies.publishTimeout, log });
  return {
    options,
    system,
    policies,
    scheduler,
    log,
    events,
    idsAreSeparate,
    // The options that all execs of the task share. They publish by the task's event sink.
    execPorts: { ...shared, publish: events.publish, ...(recorder && { recorder }) },
    tracing,
    handles: {
      upstream: undefined,
      process: undefined,
      init: undefined,
      execs: new Map(),
      added$: new Subject(),
      requests: 0,
    },
  };
};

/** The system of a task is its own: it ends with the task. */
const claimed = new WeakSet<ComputeSystem>();

export const claim = (
  { id, system }: Pick<TaskOptions, 'id' | 'system'>,
  operation: 'create' | 'adopt' = 'create',
): void => {
  if (claimed.has(system))
    throw new RxshimError(
      'failedPrecondition',
      `${operation} task ${id}: system ${system.id} belongs to another task`,
      {
        invalid: { field: 'system', value: system },
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

const known = [
  'id',
  'system',
  'bundle',
  'spec',
  'stdio',
  'publish',
  'namespace',
  'policies',
  'scheduler',
  'startRelay',
  'log',
  'tracer',
  'context',
] as const satisfies readonly (keyof TaskOptions)[];

const requireOptions = (options: TaskOptions): void => {
  requireObject('options', options);
  refuseUnknown('', options, known);
  requireId('id', options.id);
  requirePorts(options);
  const { initInDocument } = options.system;
  if (initInDocument === 'unlessDescribed' ? options.spec !== undefined : !initInDocument)
    requireSpec(options.spec);
};
