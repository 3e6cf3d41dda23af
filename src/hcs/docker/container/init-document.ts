/**
 * The document for a container whose first process is described by OCI: what the description says replaces what the
 * options and the image say.
 */
import type { ProcessParameters } from '../../contract/process-parameters.js';
import type { ProcessSpec } from '../../contract/process-spec.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import type { ContainerCreate } from './create-types.js';

/**
 * Keys that detach a client from a terminal. A daemon has some by default, reports that a process whose client has typed
 * them has ended with 126, and lets it run on; such commands are not typed in practice.
 */
export const detachKeys = 'ctrl-@,ctrl-^,ctrl-@,ctrl-_';

export const describeInit = (
  document: ContainerCreate,
  {
    OciProcess,
    CreateStdInPipe = false,
    CreateStdOutPipe = false,
    CreateStdErrPipe = false,
  }: ProcessParameters,
): ContainerCreate => {
  const spec = OciProcess ?? {};
  const [executable, ...rest] = spec.args ?? [];
  return {
    ...document,
    // The whole of the arguments: the image's entry point is not to come before them.
    ...(executable !== undefined && { Entrypoint: [executable], Cmd: rest }),
    ...(spec.env && { Env: [...(document.Env ?? []), ...spec.env] }),
    ...(spec.cwd && { WorkingDir: spec.cwd }),
    ...(spec.user && { User: userOf(spec.user) }),
    ...(spec.terminal !== undefined && { Tty: spec.terminal }),
    ...(spec.consoleSize && {
      HostConfig: {
        ...document.HostConfig,
        ConsoleSize: [spec.consoleSize.height, spec.consoleSize.width],
      },
    }),
    AttachStdin: CreateStdInPipe,
    AttachStdout: CreateStdOutPipe,
    AttachStderr: CreateStdErrPipe,
    OpenStdin: CreateStdInPipe,
    // Otherwise a half-close would end the output and not the input.
    StdinOnce: CreateStdInPipe,
  };
};

/** A user as the Engine API takes it. @throws RxshimError `notImplemented` for what it has no field for. */
export const userOf = (user: NonNullable<ProcessSpec['user']>): string => {
  const { uid, gid, username, additionalGids = [], umask } = user;
  if (additionalGids.length > 0 || umask !== undefined)
    throw new RxshimError('notImplemented', 'user: the Engine API has neither additionalGids nor umask');
  if (username) return username;
  if (uid === undefined) throw invalid('user', user, 'a uid or a username');
  return gid === undefined ? String(uid) : `${uid}:${gid}`;
};
