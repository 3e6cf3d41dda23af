/** The calls of the exec API. */
import { firstValueFrom } from 'rxjs';
import { RxshimError } from '../../failures/errors.js';
import type { Upgraded } from '../api/request.js';
import { type Container, idOf } from '../container/container.js';
import { detachKeys } from '../container/init-document.js';

export interface ExecDocument {
  readonly Cmd: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Tty?: boolean;
  readonly AttachStdin?: boolean;
  readonly ConsoleSize?: readonly [height: number, width: number];
  readonly Privileged?: boolean;
}

export interface ExecDetails {
  readonly Running: boolean;
  readonly ExitCode: number | null;
  readonly Pid: number;
  readonly ProcessConfig?: { readonly tty?: boolean };
}

/** Emits the id of an exec that is not started yet. Its output is always attached: its end reports the exit. */
export const createExec = async (container: Container, document: ExecDocument): Promise<string> => {
  const { Id } = await firstValueFrom(
    container.api.call<{ Id?: unknown }>({
      method: 'POST',
      path: `/containers/${idOf(container)}/exec`,
      body: { ...document, AttachStdout: true, AttachStderr: true, DetachKeys: detachKeys },
      what: `exec in container ${container.name}`,
    }),
  );
  if (typeof Id === 'string' && Id !== '') return Id;
  throw new RxshimError('unknown', `exec in container ${container.name}: the answer holds no id`);
};

/** @param tty must be what the exec was created with. */
export const openExec = ({ api, name }: Container, id: string, tty: boolean): Promise<Upgraded> =>
  firstValueFrom(
    api.upgrade({
      method: 'POST',
      path: `/exec/${id}/start`,
      body: { Detach: false, Tty: tty },
      what: `start exec in container ${name}`,
    }),
  );

export const inspectExec = async ({ api, name }: Container, id: string): Promise<ExecDetails> => {
  const details = await firstValueFrom(
    api.call<ExecDetails>({
      method: 'GET',
      path: `/exec/${id}/json`,
      what: `inspect exec in container ${name}`,
      within: 30_000,
    }),
  );
  if (typeof details?.Running !== 'boolean')
    throw new RxshimError('unknown', `inspect exec in container ${name}: the answer holds no state`);
  return details;
};
