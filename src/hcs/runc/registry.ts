/**
 * The registry of the recorded containers, across programs.
 */
import { catchError, concat, defer, forkJoin, map, type Observable, of } from 'rxjs';
import type { ProcessExit } from '../contract/compute-process.js';
import { unknownExit } from '../contract/exit-code.js';
import { ownershipOf } from '../contract/ownership.js';
import type { ListedState, ListedTask, TaskRegistry } from '../contract/task-registry.js';
import { messageOf } from '../failures/errors.js';
import { requireKnown } from '../failures/refuse-unknown.js';
import { act } from '../native/process/stream-acts.js';
import type { RecordRead } from '../native/records/record-file.js';
import { type RuntimeState, runtimeList } from './adopt/runtime-state.js';
import { ociRuntime } from './command/runtime.js';
import { pathOf, type RuntimeOptions, resolveRuntimeOptions } from './options.js';
import { noneInFlight } from './records/in-flight.js';
import { recordedIds, sweepRecords, type TaskRecord, taskRecords } from './records/task-records.js';
import { removeContainer } from './remove-container.js';
import { runc } from './runc.js';

/** Options of `runcRegistry`. */
export interface RuncRegistryOptions
  extends Pick<RuntimeOptions, 'binary' | 'root' | 'systemdCgroup' | 'env'> {
  /** The directory of the records: `records.directory` of `runc`. */
  readonly directory: string;
}

/**
 * The containers that programs have created with `records`. `binary` and `root` only matter for a container whose record
 * cannot be read.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type.
 * @example
 * const registry = runcRegistry({ directory: '/run/ci' });
 * const tasks = await listTasks({ registry, owner: 'ci' });
 */
export const runcRegistry = (options: RuncRegistryOptions): TaskRegistry => {
  requireKnown('', options, ['directory', 'binary', 'root', 'systemdCgroup', 'env']);
  const { directory: given, ...fallback } = options;
  const directory = pathOf('directory', given);
  const runtimeOf = (task: RecordRead<TaskRecord>): RuntimeOptions => {
    if (task.kind !== 'read') return fallback;
    const { binary, root, systemdCgroup } = task.record;
    return {
      binary,
      ...(root !== undefined && { root }),
      ...(systemdCgroup !== undefined && { systemdCgroup }),
      ...(fallback.env && { env: fallback.env }),
    };
  };

  return {
    list: () =>
      defer(() => {
        sweepRecords(directory);
        const found = recordedIds(directory).map((id) => ({ id, task: taskRecords(directory, id).task() }));
        return statesOf(found.map(({ task }) => runtimeOf(task))).pipe(
          map((stateIn) =>
            found
              // It was removed meanwhile.
              .filter(({ task }) => task.kind !== 'absent')
              .map(({ id, task }) => listed(directory, id, task, stateIn(runtimeOf(task), id))),
          ),
        );
      }),
    system: (id) => {
      const task = taskRecords(directory, id).task();
      const bundle = task.kind === 'read' ? task.record.bundle : directory;
      return runc({ id, bundle, ...runtimeOf(task), records: { directory } });
    },
    remove: (id) =>
      defer(() => {
        const records = taskRecords(directory, id);
        return concat(
          noneInFlight(records.init.pidFile, { kill: true }),
          removeContainer({ id, ...runtimeOf(records.task()) }),
          act(records.remove),
        );
      }),
  };
};

type StateIn = (options: RuntimeOptions, id: string) => RuntimeState | undefined | Error;

/** One command for each runtime and root. A runtime that does not answer makes its own containers `lost`. */
const statesOf = (all: readonly RuntimeOptions[]): Observable<StateIn> => {
  const distinct = new Map(all.map((options) => [keyOf(options), options]));
  if (distinct.size === 0) return of(() => undefined);
  const lists = Object.fromEntries(
    [...distinct].map(([key, options]) => [
      key,
      defer(() => runtimeList(ociRuntime(resolveRuntimeOptions(options)))).pipe(
        catchError((error: unknown) => of(error instanceof Error ? error : new Error(messageOf(error)))),
      ),
    ]),
  );
  return forkJoin(lists).pipe(
    map((results) => (options, id) => {
      const result = results[keyOf(options)];
      return result instanceof Error ? result : result?.get(id);
    }),
  );
};

const keyOf = ({ binary, root, systemdCgroup }: RuntimeOptions): string =>
  JSON.stringify([binary, root, systemdCgroup]);

const listed = (
  directory: string,
  id: string,
  task: RecordRead<TaskRecord>,
  state: RuntimeState | undefined | Error,
): ListedTask => {
  if (task.kind !== 'read')
    return { id, state: 'lost', reason: task.kind === 'absent' ? 'removed' : task.reason, labels: {} };
  const { labels, createdAt, bundle } = task.record;
  const ownership = ownershipOf(labels);
  const known = { id, labels, createdAt, bundle, ...(ownership && { ownership }) };
  if (state instanceof Error) return { ...known, state: 'lost', reason: messageOf(state) };
  const { init } = taskRecords(directory, id);
  const pid = state?.pid || init.pid();
  const exit = init.exit();
  const its = stateName(state, pid, exit);
  return {
    ...known,
    state: its,
    ...(pid !== undefined && { pid }),
    ...(its === 'exited' && { exit: exit ?? unknownExit('it ended while no program watched it') }),
  };
};

const stateName = (
  state: RuntimeState | undefined,
  pid: number | undefined,
  exit: ProcessExit | undefined,
): ListedState => {
  switch (state?.status) {
    case 'created':
    case 'creating':
      return state.status;
    case 'running':
    case 'paused':
      return 'running';
    case 'stopped':
      return 'exited';
    default:
      return pid === undefined && exit === undefined ? 'creating' : 'exited';
  }
};
