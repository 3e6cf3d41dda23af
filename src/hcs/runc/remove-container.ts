/**
 * Removes a container whose keeper is gone: for a program that cleans up after a daemon that died.
 */
import { ignoreElements, type Observable, tap } from 'rxjs';
import { idOf, type RuntimeOptions, settleRuntime } from './options.js';
import { ociRuntime, type Runtime } from './runtime.js';
import { runtimeError, saysUnknown, succeeded } from './runtime-error.js';

/** How long the runtime may take to answer, in milliseconds: long enough for a machine that is busy. */
export const patience = 30_000;

/**
 * Kills what is left in the container and removes it. That there is none is success.
 *
 * Errors with RxshimError: `unavailable` when there is no runtime or it does not answer, `unknown` with its message.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type.
 * @example removeContainer({ id: 'web', root: '/run/containerd/runc/default' }).subscribe({ complete: () => … });
 */
export const removeContainer = ({
  id,
  ...options
}: RuntimeOptions & { readonly id: string }): Observable<never> =>
  remove(ociRuntime(settleRuntime(options)), idOf(id), ['--force']);

/** Completes when nothing of the container is left with the runtime. */
export const remove = (runtime: Runtime, id: string, options: readonly string[] = []): Observable<never> =>
  runtime.run({ args: ['delete', ...options, id], patience }).pipe(
    tap((end) => {
      if (!succeeded(end) && !saysUnknown(end)) throw runtimeError(runtime.name, 'delete', end);
    }),
    ignoreElements(),
  );
