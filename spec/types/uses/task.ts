/** createTask, adoptTask and a task's streams, commands and events; listTasks and reap. */
import type { ObservedValueOf } from 'rxjs';
import {
  type AdoptTaskOptions,
  adoptTask,
  type ComputeSystem,
  createTask,
  type DeletedExec,
  type Exec,
  type ExecOutcome,
  kindOf,
  listTasks,
  type ProcessExit,
  type ProcessInfo,
  RxshimError,
  reap,
  type Task,
  type TaskEvent,
  type TaskRegistry,
  type topics,
} from 'rxshim';
import { local } from 'rxshim/local';
import { type Equal, is } from './equal.js';

export const options = (system: ComputeSystem): void => {
  createTask({ id: 'a', system, spec: { args: ['true'], env: ['A=1'] }, stdio: { stdout: 'pipe' } });
  // @ts-expect-error a slip in the description of the process
  createTask({ id: 'a', system, spec: { agrs: ['true'] } });
  // @ts-expect-error an option that there is not
  createTask({ id: 'a', system, sepc: { args: ['true'] } });
  // @ts-expect-error a stream that there is not
  createTask({ id: 'a', system, stdio: { stdot: 'pipe' } });
  createTask({ id: 'a', system, stdio: { stdin: '/a/pipe', stdout: { path: 'p' }, stderr: 'stdout' } });
  // @ts-expect-error a slip in a word
  createTask({ id: 'a', system, stdio: { stdout: 'pip' } });
  // @ts-expect-error a slip in a word, though a text can be iterated
  createTask({ id: 'a', system, stdio: { stdin: 'pip' } });
  // @ts-expect-error close or discard
  createTask({ id: 'a', system, stdio: { whenReaderLeaves: 'drop' } });
  // @ts-expect-error a task has an id
  createTask({ system });
  // @ts-expect-error a task has a system
  createTask({ id: 'a' });
  // @ts-expect-error variables are NAME=value
  createTask({ id: 'a', system, spec: { env: { A: '1' } } });
  // @ts-expect-error a timeout that there is not
  createTask({ id: 'a', system, policies: { endTimeOut: 1 } });
  adoptTask({ id: 'a', system, output: 'start', execStdio: () => ({ stdout: 'inherit' }) });
  // @ts-expect-error left, start or end
  adoptTask({ id: 'a', system, output: 'beginning' });
  // @ts-expect-error the process of an adopted task is there already
  adoptTask({ id: 'a', system, spec: { args: ['true'] } });
  is<Equal<AdoptTaskOptions['output'], 'left' | 'start' | 'end' | undefined>>(true);
};

export const commands = async (task: Task): Promise<void> => {
  const created = await createTask({ id: 'a', system: local() });
  is<Equal<typeof created, Task>>(true);
  const adopted = await adoptTask({ id: 'a', system: local() });
  is<Equal<typeof adopted, Task>>(true);
  // @ts-expect-error a slip in a word
  task.createExec({ id: 'b', spec: { args: ['true'] }, stdio: { stderr: 'inherrit' } });
  const exec = await task.createExec({ id: 'b', spec: { args: ['true'] } });
  is<Equal<typeof exec, Exec>>(true);
  const deleted = await task.delete();
  is<Equal<typeof deleted, DeletedExec>>(true);
  const pids = await task.pids();
  is<Equal<typeof pids, readonly ProcessInfo[]>>(true);
  const outcome = await task.wait();
  is<Equal<typeof outcome, ExecOutcome>>(true);
  task.kill('SIGTERM', { execId: 'b', unstarted: 'refuse' });
  // @ts-expect-error an option that there is not
  task.kill(9, { exec: 'b' });
  // @ts-expect-error a slip in a name
  task.stop({ gracePeriod: 5 });
  // @ts-expect-error discard or refuse
  task.kill(9, { unstarted: 'ignore' });
  // @ts-expect-error an exec has a description
  task.createExec({ id: 'b' });
  // @ts-expect-error create or start
  task.createExec({ id: 'b', spec: {}, openStdio: 'late' });
  // @ts-expect-error the execs are a list to read
  task.execs.push(exec);
};

export const streams = (task: Task): void => {
  is<Equal<ObservedValueOf<typeof task.events$>, TaskEvent>>(true);
  is<Equal<ObservedValueOf<typeof task.execs$>, Exec>>(true);
  is<Equal<ObservedValueOf<typeof task.closed$>, ExecOutcome>>(true);
  // @ts-expect-error a public stream is no Subject
  task.events$.next();
};

export const events = (event: TaskEvent): void => {
  is<
    Equal<
      TaskEvent['type'],
      | 'TaskCreate'
      | 'TaskStart'
      | 'TaskExecAdded'
      | 'TaskExecStarted'
      | 'TaskExit'
      | 'TaskDelete'
      | 'TaskPaused'
      | 'TaskResumed'
      | 'TaskOOM'
    >
  >(true);
  is<Equal<typeof topics.TaskExit, '/tasks/exit'>>(true);
  if (event.type === 'TaskExit') {
    is<Equal<typeof event.topic, '/tasks/exit'>>(true);
    is<Equal<typeof event.exitStatus, number>>(true);
    is<Equal<typeof event.exitedAt, Date>>(true);
    // @ts-expect-error an event is read, not written
    event.exitStatus = 0;
  }
  // @ts-expect-error only a deletion and an exit have a status
  if (event.type === 'TaskStart') void event.exitStatus;
};

export const owned = async (registry: TaskRegistry): Promise<void> => {
  for (const task of await listTasks({ registry, owner: 'ci' })) {
    is<Equal<typeof task.id, string>>(true);
    // @ts-expect-error a state that there is not
    void (task.state === 'gone');
  }
  const removed = await reap({ registry, owner: 'ci', olderThan: 1 });
  is<Equal<(typeof removed)[number]['error'], unknown>>(true);
  // @ts-expect-error reap removes only the tasks of an owner
  await reap({ registry });
  // @ts-expect-error an option that there is not
  await listTasks({ registry, onwer: 'ci' });
};

export const errors = (error: unknown): void => {
  const kind = kindOf(error);
  is<
    Equal<
      typeof kind,
      | 'notFound'
      | 'alreadyExists'
      | 'failedPrecondition'
      | 'invalidArgument'
      | 'permissionDenied'
      | 'unavailable'
      | 'resourceExhausted'
      | 'notImplemented'
      | 'truncated'
      | 'unknown'
    >
  >(true);
  if (error instanceof RxshimError) is<Equal<typeof error.field, string | undefined>>(true);
  // @ts-expect-error a kind that there is not
  new RxshimError('timeout', 'x');
};

export const processExit = (exit: ProcessExit): number => {
  is<Equal<ProcessExit['kind'], 'exited' | 'signaled' | 'unknown'>>(true);
  // @ts-expect-error an unknown exit has no code
  void exit.code;
  return exit.kind === 'unknown' ? exit.reason.length : exit.code;
};
