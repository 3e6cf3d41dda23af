/** One exec or attachment of the stand-in. */
import { firstValueFrom, lastValueFrom } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import type { PodLife } from './pod-life.js';
import { startProblem } from './runtime.js';
import type { ServerSocket } from './server-socket.js';

const v5 = 'v5.channel.k8s.io';

export const execSession = async (
  life: PodLife,
  kind: 'exec' | 'attach',
  query: URLSearchParams,
  socket: ServerSocket,
  hasShell: boolean,
): Promise<void> => {
  // The first frame is an empty one, before anything is known of the process.
  await socket.send(1, new Uint8Array(0));
  await (kind === 'exec' ? exec(life, query, socket, hasShell) : attach(life, query, socket));
};

const exec = async (
  life: PodLife,
  query: URLSearchParams,
  socket: ServerSocket,
  hasShell: boolean,
): Promise<void> => {
  const [main] = life.pod.spec?.containers ?? [];
  const terminal = query.get('tty') === 'true';
  const program = {
    argv: query.getAll('command'),
    env: [
      'PATH=/usr/local/bin:/usr/bin:/bin',
      ...(main?.env ?? []).map(({ name, value = '' }) => `${name}=${value}`),
    ],
    cwd: main?.workingDir ?? '/',
    terminal,
    stdin: query.get('stdin') === 'true',
  };
  const problem = startProblem(program, hasShell);
  const container = life.container();
  if (problem !== undefined || container === undefined) {
    const message = `error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: ${problem ?? 'container not found'}`;
    await finish(socket, { status: 'Failure', message, reason: 'InternalError', code: 500 });
    return;
  }
  const running = await container.exec(program);
  const { process } = running;
  // A client that is cut off takes the process with it over v4 only.
  socket.onGone((inOrder) => {
    if (socket.protocol !== v5 && !inOrder) running.kill(9);
  });
  input(process, socket);
  const outputs = [copy(process, 1, socket), ...(terminal ? [] : [copy(process, 2, socket)])];
  const code = await running.exit;
  // The status waits for whatever holds the pipes, unless it is a terminal.
  if (!terminal) await Promise.all(outputs);
  await finish(
    socket,
    code === 0
      ? { status: 'Success' }
      : {
          status: 'Failure',
          message: `command terminated with exit code ${code}`,
          reason: 'NonZeroExitCode',
          details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
        },
  );
  await lastValueFrom(process.close(), { defaultValue: undefined });
};

const attach = async (life: PodLife, query: URLSearchParams, socket: ServerSocket): Promise<void> => {
  const main = life.container()?.main;
  const [spec] = life.pod.spec?.containers ?? [];
  if (main === undefined) return socket.cut();
  const closeInput = (): void => {
    if (spec?.stdinOnce) void lastValueFrom(main.process.closeStdin(), { defaultValue: undefined });
  };
  if (query.get('stdin') === 'true') {
    input(main.process, socket, closeInput);
    socket.onGone(closeInput);
  }
  await new Promise<void>((resolve) => {
    const attached = {
      output: (channel: 1 | 2, bytes: Buffer) => socket.send(channel, bytes),
      ended: () => {
        life.attached.delete(attached);
        resolve();
      },
    };
    life.attached.add(attached);
  });
  await finish(socket, { status: 'Success' });
};

const input = (
  process: ComputeProcess,
  socket: ServerSocket,
  close = (): void => void lastValueFrom(process.closeStdin(), { defaultValue: undefined }),
): void => {
  let last: Promise<unknown> = Promise.resolve();
  socket.onMessage((channel, payload) => {
    if (channel === 0 && payload.length > 0)
      last = last.then(() => process.stdio.stdin?.write(payload)).catch(() => undefined);
    if (channel === 255 && payload[0] === 0 && socket.protocol === v5) last = last.then(close);
    if (channel === 4) {
      const { Width: width, Height: height } = JSON.parse(payload.toString());
      void firstValueFrom(process.resizeConsole({ width, height }), { defaultValue: undefined }).catch(
        () => undefined,
      );
    }
  });
};

const copy = async ({ stdio }: ComputeProcess, channel: 1 | 2, socket: ServerSocket): Promise<void> => {
  for await (const chunk of (channel === 1 ? stdio.stdout : stdio.stderr) ?? []) {
    const bytes = Buffer.from(chunk as Uint8Array);
    for (let at = 0; at < bytes.length; at += maxFrame)
      await socket.send(channel, bytes.subarray(at, at + maxFrame));
  }
};

const maxFrame = 32 * 1024;

const finish = async (socket: ServerSocket, status: object): Promise<void> => {
  await socket.send(3, Buffer.from(JSON.stringify({ metadata: {}, ...status })));
  socket.close(1000);
};
