/**
 * The options of a command, as every command of an exec or a task checks them: an option that there is not is refused, and
 * nothing is done.
 */
import { invalid } from '../hcs/failures/errors.js';
import { requireKnown } from '../hcs/failures/refuse-unknown.js';
import type { CommandOptions } from '../operators/command.js';
import { requireAbortSignal, requireObject } from './arguments.js';

/**
 * @param own the options of this command besides those of every command.
 * @throws RxshimError `invalidArgument`.
 */
export const requireCommandOptions = (
  options: CommandOptions | undefined,
  own: readonly string[] = [],
): void => {
  if (options === undefined) return;
  requireObject('options', options);
  const { abortSignal, signal } = options as CommandOptions & { readonly signal?: unknown };
  if (signal instanceof AbortSignal) throw invalid('signal', signal, 'abortSignal for an AbortSignal');
  requireKnown('', options, ['abortSignal', ...own]);
  if (abortSignal !== undefined) requireAbortSignal('abortSignal', abortSignal);
};
