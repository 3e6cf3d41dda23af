/** Lists the tasks that programs own, from what an engine has recorded of them. */
import { defer, map, type Observable } from 'rxjs';
import type { ListedTask, TaskRegistry } from '../../hcs/contract/task-registry.js';
import { invalid } from '../../hcs/failures/errors.js';
import { refuseUnknown } from '../../hcs/failures/refuse-unknown.js';
import type { Command, CommandOptions } from '../../operators/command.js';
import { requireObject } from '../arguments.js';
import { registryCommand } from './registry-command.js';

/** Options of `listTasks`. */
export interface ListTasksOptions {
  readonly registry: TaskRegistry;
  /** Only the tasks of this owner. Default: all, also those without one. */
  readonly owner?: string;
}

/**
 * The tasks that the registry knows, in the order of their creation. A task whose record cannot be read is listed as
 * `lost`, without an owner.
 *
 * @throws RxshimError `invalidArgument` for options of the wrong type.
 * @example
 * for (const { id, state } of await listTasks({ registry: runcRegistry({ records }), owner: 'ci' })) …
 */
export const listTasks = (
  options: ListTasksOptions,
  commandOptions?: CommandOptions,
): Command<readonly ListedTask[]> => registryCommand(listed(options), commandOptions);

const listed = (options: ListTasksOptions): Observable<readonly ListedTask[]> =>
  defer(() => {
    const { registry, owner } = requireRegistry(options, ['owner']);
    if (owner !== undefined && typeof owner !== 'string') throw invalid('owner', owner, 'a name');
    const isOwn = ({ ownership }: ListedTask): boolean => owner === undefined || ownership?.owner === owner;
    return registry.list().pipe(map((tasks) => tasks.filter(isOwn).sort(byAge)));
  });

/** @throws RxshimError `invalidArgument` unless the options have a registry and, besides it, only the named ones. */
export const requireRegistry = <O extends { readonly registry: TaskRegistry }>(
  options: O,
  others: readonly string[],
): O => {
  requireObject('options', options);
  refuseUnknown('', options, ['registry', ...others]);
  requireObject('registry', options.registry);
  if (typeof options.registry.list !== 'function')
    throw invalid('registry', options.registry, 'the registry of an engine');
  return options;
};

const byAge = (one: ListedTask, other: ListedTask): number =>
  (one.createdAt ?? 0) - (other.createdAt ?? 0) || (one.id < other.id ? -1 : 1);
