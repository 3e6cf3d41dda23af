/**
 * The output of a container's first process to its true end.
 *
 * It comes on the connection that was attached before the start. Where that ends although the process goes on, or ended
 * while no connection was there, the container's log is read from where the connection stopped: no line twice, none lost,
 * as far as its log driver keeps them.
 */
import type { Duplex } from 'node:stream';
import { firstValueFrom } from 'rxjs';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { pause } from '../../remote/pause.js';
import { statusIn } from '../api/api-error.js';
import type { ConnectionEnd, Output, Received } from '../stdio/output.js';
import { type FoundExit, lookUp } from './await-exit.js';
import { type Container, idOf } from './container.js';

/** How long after the output the exit is usually known, in milliseconds: Podman looks four times a second. */
const settlingTime = 1_000;

/**
 * @param attached the connection; absent where the output is read from the log in the first place.
 * @param before how much of each stream in the log is not wanted.
 */
export const followOutput = async (
  container: Container,
  output: Output,
  exit: Promise<FoundExit>,
  attached: { readonly socket: Duplex; readonly head: Buffer } | undefined,
  before: Received = { stdout: 0, stderr: 0 },
): Promise<void> => {
  let known: FoundExit | undefined;
  const found = exit.then((value) => {
    known = value;
  });
  // An exit that is known already is noted before the log is read. A connection must have its listeners at once.
  if (attached === undefined) await Promise.race([found, pause(0)]);
  let isWhole = attached === undefined && known !== undefined;
  let end: ConnectionEnd =
    attached === undefined
      ? await readLog(container, output, before)
      : await connected(output, { stream: attached.socket, head: attached.head });
  for (let isFirst = attached !== undefined; ; isFirst = false) {
    await Promise.race([found, pause(settlingTime)]);
    if (known !== undefined && (isWhole || (isFirst && end.error === undefined && known.intact)))
      return output.finish(end.error);
    if (known === undefined && (await lookUp(container)) !== 'running') await found;
    // Only a log that is read after the container's end is complete: a daemon may end a followed log before its last line.
    isWhole = known !== undefined;
    const followed = isFirst ? undefined : end;
    end = await readLog(container, output, before);
    // Removed meanwhile: what was followed to its end has been all.
    if (isWhole && followed !== undefined && followed.error === undefined && isRemoved(end.error))
      end = followed;
  }
};

const isRemoved = (error: unknown): boolean =>
  error instanceof RxshimError && error.cause instanceof Error && statusIn(error.cause) === 404;

const connected = (output: Output, connection: Parameters<Output['connect']>[0]): Promise<ConnectionEnd> =>
  new Promise((resolve) => {
    output.connect(connection, resolve);
  });

const readLog = async (container: Container, output: Output, before: Received): Promise<ConnectionEnd> => {
  try {
    const log = await firstValueFrom(
      container.api.stream({
        method: 'GET',
        path: `/containers/${idOf(container)}/logs`,
        query: { follow: true, stdout: true, stderr: true },
        what: `read the log of container ${container.name}`,
      }),
    );
    const { stdout, stderr } = output.received();
    const skip = { stdout: stdout + before.stdout, stderr: stderr + before.stderr };
    return await new Promise((resolve) => {
      output.connect({ stream: log }, resolve, skip);
    });
  } catch (error) {
    return { error: lost(error) };
  }
};

const lost = (cause: unknown): RxshimError =>
  new RxshimError('truncated', `output is not all there: ${messageOf(cause)}`, {
    cause,
  });
