/**
 * Removes a container whose keeper is gone: for a program that cleans up after a daemon that died.
 */
import type { Observable } from 'rxjs';
import { ociRuntime } from './command/runtime.js';
import { orderDelete } from './command/runtime-commands.js';
import { idOf, type RuntimeOptions, settleRuntime } from './options.js';

/**
 * Kills what is left in the container and removes it. That there is none is success.
 *
 * Errors with RxshimError: `unavailable` when there is no runtime or it does not answer, else what it said.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type.
 * @example removeContainer({ id: 'web', root: '/run/containerd/runc/default' }).subscribe({ complete: () => … });
 */
export const removeContainer = ({
  id,
  ...options
}: RuntimeOptions & { readonly id: string }): Observable<never> =>
  orderDelete(ociRuntime(settleRuntime(options)), idOf(id), ['--force']);
