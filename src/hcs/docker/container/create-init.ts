/**
 * Creates a container with its first process held: created, attached, and waited for, all before the start.
 *
 * In this order not a byte of its output is lost and its exit cannot be missed, however short it runs. A failure on the
 * way leaves no container behind.
 */
import { firstValueFrom } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { statusIn } from '../api/api-error.js';
import type { Upgraded } from '../api/request.js';
import { inputOf } from '../stdio/input.js';
import { outputOf } from '../stdio/output.js';
import { removeContainer } from './api-calls.js';
import { awaitExit, beginWait } from './await-exit.js';
import { type Container, idOf } from './container.js';
import type { ContainerCreate } from './create-types.js';
import { followOutput } from './follow-output.js';
import { describeInit, detachKeys } from './init-document.js';
import { initProcess } from './init-process.js';

export interface CreatedInit {
  readonly process: ComputeProcess;
  /** The error with which the start fails: Podman reports it already at the create. */
  readonly startError: unknown;
}

/** @param create makes the container and answers its id. */
export const createInit = async (
  container: Container,
  document: ContainerCreate,
  parameters: ProcessParameters,
  create: (body: ContainerCreate) => Promise<string>,
): Promise<CreatedInit> => {
  const body = describeInit(document, parameters);
  const { CreateStdInPipe = false, CreateStdOutPipe = false, CreateStdErrPipe = false } = parameters;
  container.phase = 'creating';
  container.id = await create(body);
  container.phase = 'created';
  const wanted = { stdin: CreateStdInPipe, stdout: CreateStdOutPipe, stderr: CreateStdErrPipe };
  try {
    return await heldInit(container, wanted, body['Tty'] === true);
  } catch (error) {
    throw await undone(container, error);
  }
};

/** The first process of a container that was created and not started: attached and waited for. */
export const heldInit = async (
  container: Container,
  wanted: Wanted,
  terminal: boolean,
): Promise<CreatedInit> => {
  const input = wanted.stdin ? inputOf(terminal) : undefined;
  const output = outputOf(!terminal);
  const read = { stdout: wanted.stdout, stderr: wanted.stderr && !terminal };
  let attachment: Upgraded | undefined;
  let startError: unknown;
  try {
    if (wanted.stdin || wanted.stdout || wanted.stderr) attachment = await attach(container, wanted);
  } catch (error) {
    // Podman makes the process here, and finds that it cannot be started; Docker finds that at the start.
    const { isPodman } = await firstValueFrom(container.api.daemon$);
    if (!isPodman || statusIn(error) === undefined) throw error;
    startError = error;
  }
  try {
    const { begun, answer } = beginWait(container, 'next-exit');
    await begun;
    const exit = awaitExit(container, answer);
    if (attachment === undefined) output.finish();
    else {
      const { socket } = attachment;
      input?.connect(socket);
      container.closed$.subscribe(() => socket.destroy());
      void followOutput(container, output, exit, attachment);
    }
    return { process: initProcess(container, { input, output, terminal }, read, exit), startError };
  } catch (error) {
    attachment?.socket.destroy();
    throw error;
  }
};

const undone = async (container: Container, error: unknown): Promise<unknown> => {
  await firstValueFrom(removeContainer(container), { defaultValue: undefined }).catch(() => undefined);
  container.phase = 'ended';
  return error;
};

/** Which streams are attached. */
interface Wanted {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export const attach = (container: Container, streams: Wanted): Promise<Upgraded> =>
  firstValueFrom(
    container.api.upgrade({
      method: 'POST',
      path: `/containers/${idOf(container)}/attach`,
      query: { stream: true, ...streams, detachKeys },
      what: `attach to container ${container.name}`,
    }),
  );
