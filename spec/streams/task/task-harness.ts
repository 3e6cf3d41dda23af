/** A harness for one task: a scripted container that ends when it is asked to, and a log of calls and events. */
import { concat, defer, EMPTY, type Observable, of } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import {
  type ScriptedProcess,
  type ScriptedSystem,
  scriptedSystem,
} from '../../../src/hcs/simulated/scripted-system.js';
import type { TaskEvent } from '../../../src/streams/events.js';
import type { Exec } from '../../../src/streams/exec/interface.js';
import type { Task, TaskOptions } from '../../../src/streams/task/interface.js';
import { createTask } from '../../../src/streams/task/task.js';
import { inMarbles } from '../../support/marbles.js';
import type { Reply } from '../exec/harness.js';

export interface TaskScript extends Partial<Omit<TaskOptions, 'publish'>> {
  readonly replies?: Readonly<Record<string, Reply>>;
  readonly systemOptions?: Parameters<typeof scriptedSystem>[0];
}

export interface TaskHarness {
  readonly task: Task;
  readonly system: ScriptedSystem;
  readonly scheduler: TestScheduler;
  readonly log: string[];
  readonly events: readonly TaskEvent[];
  /** A process by its place in the order of creation: the init is the first, with pid 1. */
  process(index: number): ScriptedProcess;
  /** Makes an exec and starts it; the container is scripted to do so at once. */
  exec(id: string): Exec;
  note(what: string): void;
  record(name: string, command: Observable<unknown>): void;
  at(ms: number, act: () => void): void;
}

const spec = { args: ['true'] };

/** Plays a task in state `created`. */
export const freshTask = (script: TaskScript, act: (harness: TaskHarness) => void): TaskHarness =>
  inMarbles(({ scheduler, flush }) => {
    const harness = makeTaskHarness(script, scheduler);
    act(harness);
    flush();
    return harness;
  });

/** The same with its init started. */
export const runningTask = (script: TaskScript, act: (harness: TaskHarness) => void): TaskHarness =>
  freshTask(script, (harness) => {
    harness.task.init.start().subscribe();
    act(harness);
  });

export const nameOf = (event: TaskEvent): string => {
  switch (event.type) {
    case 'TaskExit':
      return `TaskExit ${event.id} ${event.exitStatus}`;
    case 'TaskDelete':
      return `TaskDelete ${event.id || '(init)'} ${event.exitStatus}`;
    case 'TaskExecAdded':
    case 'TaskExecStarted':
      return `${event.type} ${event.execId}`;
    default:
      return event.type;
  }
};

export const makeTaskHarness = (script: TaskScript, scheduler: TestScheduler): TaskHarness => {
  const { replies = {}, systemOptions, ...options } = script;
  const log: string[] = [];
  const events: TaskEvent[] = [];
  const note = (what: string): void => {
    log.push(`${scheduler.now()} ${what}`);
  };
  const call = <T>(name: string, key: string, normal: Observable<T>): Observable<T> => {
    note(name);
    return (replies[key]?.(normal) ?? normal) as Observable<T>;
  };
  const ends = <T>(normal: Observable<T>): Observable<T> =>
    concat(
      normal,
      defer(() => {
        system.exit();
        return EMPTY;
      }),
    );
  const system: ScriptedSystem = scriptedSystem({
    ...systemOptions,
    answer: (name, _args, normal) =>
      call(
        name,
        name,
        name === 'container.shutdown' || name === 'container.terminate' ? ends(normal) : normal,
      ),
  });
  let made: Task | undefined;
  createTask({
    id: 't',
    system,
    bundle: '/bundle',
    spec,
    scheduler,
    ...options,
    publish: (event) => {
      events.push(event);
      return call(nameOf(event), event.type, of(undefined));
    },
  }).subscribe({
    next: (task) => {
      made = task;
    },
    error: (error) => note(`create: ${kindOf(error)}`),
  });
  return {
    get task() {
      if (made === undefined) throw new Error('the task could not be made');
      return made;
    },
    system,
    scheduler,
    log,
    events,
    process: (index) => system.processes[index] as ScriptedProcess,
    exec: (id) => {
      let exec: Exec | undefined;
      made?.createExec({ id, spec }).subscribe((added) => {
        exec = added;
      });
      exec?.start().subscribe();
      return exec as Exec;
    },
    note,
    record: (name, command) => {
      command.subscribe({
        error: (error) => note(`${name}: ${kindOf(error)}`),
        complete: () => note(`${name}: done`),
      });
    },
    at: (ms, later) => {
      scheduler.schedule(later, ms - scheduler.now());
    },
  };
};

const kindOf = (error: unknown): string => (error instanceof RxshimError ? error.kind : String(error));
