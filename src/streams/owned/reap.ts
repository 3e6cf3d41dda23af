/**
 * Removes the tasks that their owner has left behind.
 *
 * The invariant: only tasks of the named owner are removed, never those of the run that is named as the present one.
 */
import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  ignoreElements,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  toArray,
} from 'rxjs';
import type { ListedTask, TaskRegistry } from '../../hcs/contract/task-registry.js';
import { invalid } from '../../hcs/failures/errors.js';
import type { Command, CommandOptions } from '../../operators/command.js';
import { requireRegistry } from './list-tasks.js';
import { registryCommand } from './registry-command.js';

/** Options of `reap`. */
export interface ReapOptions {
  readonly registry: TaskRegistry;
  /** Only tasks of this owner are removed. */
  readonly owner: string;
  /**
   * Removes the tasks that were created more than this many milliseconds ago. 0: all of them. Default: only those whose
   * expiry has passed.
   */
  readonly olderThan?: number;
  /** The present run of the program, whose tasks are kept. */
  readonly exceptRun?: string;
  /** How many are removed at the same time. Default: 8. */
  readonly concurrency?: number;
  /** Where time comes from. Default: the asyncScheduler. */
  readonly scheduler?: SchedulerLike;
}

/** A task that was removed, or that could not be. */
export interface Reaped extends ListedTask {
  /** Why it could not be removed. Absent if it was. */
  readonly error?: unknown;
}

/**
 * Kills and removes the tasks of an owner that have expired, or are older than `olderThan`. A task without a creation time
 * counts as older. The answer names each task; one that cannot be removed does not stop the others.
 *
 * @throws RxshimError `invalidArgument` for options of the wrong type.
 * @example await reap({ registry, owner: 'ci', olderThan: 3_600_000, exceptRun: run });
 */
export const reap = (options: ReapOptions, commandOptions?: CommandOptions): Command<readonly Reaped[]> =>
  registryCommand(reaped(options), commandOptions);

const reaped = (options: ReapOptions): Observable<readonly Reaped[]> =>
  defer(() => {
    requireOptions(options);
    const { registry, concurrency = 8 } = options;
    return registry.list().pipe(
      mergeMap((tasks) => tasks.filter((task) => isDue(options, task))),
      mergeMap((task) => removed(registry, task), concurrency),
      toArray(),
    );
  });

const known = [
  'owner',
  'olderThan',
  'exceptRun',
  'concurrency',
  'scheduler',
] as const satisfies readonly (keyof ReapOptions)[];

const requireOptions = (options: ReapOptions): void => {
  const { owner, olderThan, exceptRun, concurrency } = requireRegistry(options, known);
  if (typeof owner !== 'string' || owner === '') throw invalid('owner', owner, 'a name');
  if (olderThan !== undefined && !(olderThan >= 0)) throw invalid('olderThan', olderThan, 'milliseconds');
  if (exceptRun !== undefined && typeof exceptRun !== 'string')
    throw invalid('exceptRun', exceptRun, 'a name');
  if (concurrency !== undefined && !(concurrency >= 1))
    throw invalid('concurrency', concurrency, 'at least 1');
};

const isDue = (
  { owner, olderThan, exceptRun, scheduler = asyncScheduler }: ReapOptions,
  { ownership, createdAt = 0 }: ListedTask,
): boolean => {
  if (ownership?.owner !== owner || ownership.run === exceptRun) return false;
  const now = scheduler.now();
  const hasExpired = ownership.expiresAt !== undefined && ownership.expiresAt <= now;
  return hasExpired || (olderThan !== undefined && now - createdAt >= olderThan);
};

const removed = (registry: TaskRegistry, task: ListedTask): Observable<Reaped> =>
  concat(defer(() => registry.remove(task.id)).pipe(ignoreElements()), of<Reaped>(task)).pipe(
    catchError((error: unknown) => of<Reaped>({ ...task, error })),
  );
