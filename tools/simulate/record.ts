/**
 * Records the lives of real tasks in the form of simulated ones, so that the same checks apply:
 * the calls of an engine and its answers, what each exec emitted, which events went out.
 *
 * It stands around the ports of a task, the engine and the publisher, and listens to its public streams. It changes
 * nothing. What users command is not recorded: only they know it.
 */
import { EMPTY, Observable, tap } from 'rxjs';
import type { Act, ComputeProcess, ProcessExit } from '../../src/hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../src/hcs/contract/compute-system.js';
import { statusOf } from '../../src/hcs/contract/exit-code.js';
import { command } from '../../src/operators/command.js';
import type { TaskEvent } from '../../src/streams/events.js';
import type { Exec } from '../../src/streams/exec/interface.js';
import type { Task, TaskOptions } from '../../src/streams/task/interface.js';
import type { createTask } from '../../src/streams/task/task.js';
import type { Recording } from './accept.js';
import { execOf, exitedAtIn, pidOf, statusIn } from './event-facts.js';
import { loggedExit } from './logged-exit.js';
import type { Entry } from './trace.js';

type CreateTask = typeof createTask;
type Unplaced = Entry extends infer E ? (E extends Entry ? Omit<E, 'at'> : never) : never;

/** Makes tasks as `create` does, and hands over the recording of each when it is closed. */
export const recordingTask =
  (create: CreateTask, name: string, done: (recording: Recording) => void): CreateTask =>
  (options, commandOptions) => {
    // What cannot be a task is for the task to refuse.
    if (typeof options?.system?.createProcess !== 'function') return create(options, commandOptions);
    const began = performance.now();
    const trace: Entry[] = [];
    const record = (entry: Unplaced): void => {
      trace.push({ at: Math.round(performance.now() - began), ...entry } as Entry);
    };
    const recorded: TaskOptions = {
      ...options,
      system: aroundSystem(options.system, record),
      publish: aroundPublish(options.publish ?? (() => EMPTY), record),
    };
    return command((listener) =>
      create(recorded, commandOptions)
        .pipe(
          tap((task) =>
            follow(task, record, () => done({ name, task: options.id, over: true, trace: named(trace) })),
          ),
        )
        .subscribe(listener),
    );
  };

type Record = (entry: Unplaced) => void;

/** Calls are attributed by their process, which the exec of each reports. */
const named = (trace: readonly Entry[]): Entry[] => {
  const execs = new Map<number, string>();
  for (const entry of trace) if (entry.is === 'state' && entry.pid !== 0) execs.set(entry.pid, entry.exec);
  return trace.map((entry) =>
    'pid' in entry && entry.exec === '' ? { ...entry, exec: execs.get(entry.pid) ?? '' } : entry,
  );
};

const aroundSystem = (system: ComputeSystem, record: Record): ComputeSystem => {
  const act = (call: 'start' | 'shutdown' | 'terminate' | 'close' | 'delete') => (): Act =>
    asking(record, `container.${call}`, 0, () => system[call]?.() ?? EMPTY);
  const make = (made$: Observable<ComputeProcess>): Observable<ComputeProcess> =>
    new Observable((listener) =>
      made$.subscribe({
        next: (process) => listener.next(aroundProcess(process, record)),
        error: (error) => listener.error(error),
        complete: () => listener.complete(),
      }),
    );
  const gone = (): void => record({ exec: '', is: 'gone' });
  system.exit$.subscribe({ next: gone, error: gone });
  return Object.create(system, {
    start: { value: act('start') },
    shutdown: { value: act('shutdown') },
    terminate: { value: act('terminate') },
    close: { value: act('close') },
    delete: { value: system.delete && act('delete') },
    createProcess: {
      value: (...asked: Parameters<ComputeSystem['createProcess']>) => make(system.createProcess(...asked)),
    },
    create: {
      value:
        system.create &&
        ((...asked: Parameters<NonNullable<ComputeSystem['create']>>) =>
          make(asking(record, 'container.create', 0, () => system.create?.(...asked) ?? EMPTY))),
    },
  });
};

const aroundProcess = (process: ComputeProcess, record: Record): ComputeProcess => {
  const { pid } = process;
  const ended = (exit: ProcessExit): void =>
    record({
      exec: '',
      is: 'ended',
      pid,
      kind: exit.kind === 'unknown' ? 'lost' : exit.kind,
      status: statusOf(exit),
    });
  record({ exec: '', is: 'made', pid });
  process.exit$.subscribe({
    next: ended,
    error: () => ended({ kind: 'unknown', reason: 'the wait failed' }),
  });
  const signal: ComputeProcess['signal'] = (options) =>
    asking(record, 'process.signal', pid, () => process.signal(options));
  return Object.create(process, {
    signal: { value: signal },
    kill: { value: () => asking(record, 'process.kill', pid, () => process.kill()) },
    close: { value: () => asking(record, 'process.close', pid, () => process.close()) },
  });
};

const asking = <T>(record: Record, call: string, pid: number, act: () => Observable<T>): Observable<T> =>
  new Observable((listener) => {
    record({ exec: '', is: 'asked', call, pid });
    const answered = (how: string): void => record({ exec: '', is: 'answered', call, pid, how });
    return act().subscribe({
      next: (value) => listener.next(value),
      error: (error) => {
        answered('failed');
        listener.error(error);
      },
      complete: () => {
        answered('done');
        listener.complete();
      },
    });
  });

const log = (is: 'attempt' | 'taken' | 'out', event: TaskEvent): Unplaced => ({
  exec: execOf(event),
  is,
  event: event.type,
  pid: pidOf(event),
  status: statusIn(event),
  exitedAt: exitedAtIn(event),
});

const aroundPublish =
  (publish: NonNullable<TaskOptions['publish']>, record: Record): NonNullable<TaskOptions['publish']> =>
  (event) => {
    record(log('attempt', event));
    return publish(event).pipe(tap({ complete: () => record(log('taken', event)) }));
  };

const follow = (task: Task, record: Record, done: () => void): void => {
  const execs: Exec[] = [];
  const waiter = (exec: Exec, came: 'early' | 'late'): void => {
    exec.released$.subscribe(({ status }) => record({ exec: exec.id, is: 'waiter', came, status }));
  };
  task.execs$.subscribe((exec) => {
    execs.push(exec);
    exec.state$.subscribe(({ phase, via, pid, exit, truncated, ioErrors }) =>
      record({
        exec: exec.id,
        is: 'state',
        phase,
        via,
        pid,
        exit: exit && loggedExit(exit),
        truncated,
        ioErrors: ioErrors.length === 0 ? undefined : ioErrors.map(({ stream }) => stream),
      }),
    );
    waiter(exec, 'early');
  });
  task.events$.subscribe((event) => record(log('out', event)));
  task.closed$.subscribe({
    complete: () => {
      // A wait for the init of a task returns after the exit of the task itself.
      setImmediate(() => {
        for (const exec of execs) waiter(exec, 'late');
        done();
      });
    },
  });
};
