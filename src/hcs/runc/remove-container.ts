/**
 * Deletes a container whose creator has died, for a program that cleans up after a crashed daemon.
 */
import type { Observable } from 'rxjs';
import { ociRuntime } from './command/runtime.js';
import { runcDelete } from './command/runtime-commands.js';
import { idOf, type RuntimeOptions, resolveRuntimeOptions } from './options.js';

/**
 * Kills the processes of the container and deletes it. Succeeds if there is no such container.
 *
 * Errors with RxshimError: `unavailable` when there is no runtime or it does not answer, otherwise with the runtime's
 * message.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type.
 * @example removeContainer({ id: 'web', root: '/run/containerd/runc/default' }).subscribe({ complete: () => … });
 */
export const removeContainer = ({
  id,
  bundle,
  ...options
}: RuntimeOptions & { readonly id: string; readonly bundle?: string }): Observable<never> =>
  runcDelete(ociRuntime(resolveRuntimeOptions(options, bundle)), idOf(id), ['--force']);
