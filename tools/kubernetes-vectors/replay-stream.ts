/**
 * Replays one exec or attachment: the frames as recorded, slower, and cut off after each.
 *
 * Twice for an exec: as recorded, as from an image without a shell; and with the messages of the confirming script among
 * the frames, where it would have written them. What a user is to see is found out here from the frames alone.
 */

import type { Socket } from 'node:net';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { acceptSocket, type ServerSocket } from '../../spec/support/kubernetes/server-socket.js';
import type { ByteSource } from '../../src/hcs/contract/bytes.js';
import type { ComputeProcess, ConsoleSize, ProcessExit } from '../../src/hcs/contract/compute-process.js';
import { messageOf, RxshimError } from '../../src/hcs/failures/errors.js';
import { clusterOf } from '../../src/hcs/kubernetes/api/cluster.js';
import { startExec } from '../../src/hcs/kubernetes/exec/start-exec.js';
import { initOutput } from '../../src/hcs/kubernetes/pod/init-output.js';
import { newPodContext } from '../../src/hcs/kubernetes/pod/pod-context.js';
import { refusalDifferences, short } from './refusal-differences.js';
import { refuseUpgrade, startReplayServer } from './replay-server.js';
import { bytesOf, type Frame, type RecordedStream } from './session.js';

export interface StreamVariant {
  readonly mode: 'plain' | 'confirmed';
  readonly slower: boolean;
  /** The connection is cut after so many frames. */
  readonly cutAfter: number | undefined;
}

/** What is replayed is done by the engine's own client, which offers v5 and v4 and sends what a user may send. */
export const isReplayable = ({ response, chosen }: RecordedStream): boolean => {
  if (response === undefined) return false;
  if (response.status !== 101) return response.body !== undefined;
  return chosen === 'v5.channel.k8s.io' || chosen === 'v4.channel.k8s.io';
};

export const streamVariants = (stream: RecordedStream): readonly StreamVariant[] => {
  const modes = isAttach(stream) ? (['plain'] as const) : (['plain', 'confirmed'] as const);
  if (stream.response?.status !== 101) return [{ mode: 'plain', slower: false, cutAfter: undefined }];
  const incoming = (stream.frames ?? []).filter(({ dir }) => dir === 'in').length;
  const cuts = [undefined, ...Array.from({ length: incoming }, (_, at) => at)];
  return modes.flatMap((mode) => [
    { mode, slower: true, cutAfter: undefined },
    ...cuts.map((cutAfter) => ({ mode, slower: false, cutAfter })),
  ]);
};

const isAttach = ({ path }: RecordedStream): boolean => /\/attach(\?|$)/.test(path);

interface Expected {
  readonly refused?: number;
  /** The command was not started, by what the server says. */
  readonly notStarted?: boolean;
  readonly code?: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Status {
  readonly status?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** What the frames say. A code is one that was proven: by the server's own count, or over a protocol that does not lie. */
const expectedOf = (stream: RecordedStream, { mode, cutAfter }: StreamVariant, isTrue: boolean): Expected => {
  const { response, frames = [], chosen } = stream;
  const outputs = { stdout: '', stderr: '' };
  if (response?.status !== 101) return { refused: response?.status ?? 0, ...outputs };
  let status: Status | undefined;
  let count = 0;
  for (const frame of frames) {
    if (frame.dir !== 'in') continue;
    if (count === cutAfter) break;
    count += 1;
    if (frame.ch === 1) outputs.stdout += bytesOf(frame).toString('latin1');
    if (frame.ch === 2) outputs.stderr += bytesOf(frame).toString('latin1');
    if (frame.ch === 3) status = statusOf(bytesOf(frame));
  }
  const exitCode = status?.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (exitCode !== undefined) return { code: Number(exitCode), ...outputs };
  if (status?.status === 'Success' && (mode === 'confirmed' ? isTrue : chosen === 'v4.channel.k8s.io'))
    return { code: 0, ...outputs };
  const hasFailed = status?.status === 'Failure';
  return { ...(hasFailed && { notStarted: true }), ...outputs };
};

/** @param isTrue whether a success in it was one: the process had ended. */
export const replayStream = async (
  stream: RecordedStream,
  variant: StreamVariant,
  isTrue: boolean,
): Promise<string[]> => {
  const expected = expectedOf(stream, variant, isTrue);
  const query = new URL(stream.path, 'http://replay').searchParams;
  const input = (stream.frames ?? []).filter(({ dir }) => dir === 'out');
  const server = await startReplayServer({
    answer: (_, response) => void response.writeHead(404).end(),
    upgrade: ({ url, headers }, socket) => {
      const words = url.searchParams.getAll('command');
      // What is asked afterwards of a container whose exec was lost: it is not there any more.
      if (words[2]?.includes('look()'))
        return refuseUpgrade(socket, 404, { message: 'pods not found', reason: 'NotFound' });
      if (stream.response?.status !== 101)
        return refuseUpgrade(socket, stream.response?.status ?? 500, stream.response?.body);
      const accepted = acceptSocket(socket, headers, [stream.chosen ?? '']);
      if (accepted === undefined) return;
      const nonce = words[3] === 'rxshim-exec' ? (words[4] ?? '') : undefined;
      void serve(stream, variant, accepted, socket, nonce, isTrue);
    },
  });
  const pod = newPodContext(clusterOf({ server: server.server, reconnectTimeout: 100 }), 'p', 'default', 'c');
  pod.phase = 'running';
  pod.hasShell = variant.mode === 'plain' ? false : undefined;
  try {
    return isAttach(stream)
      ? await attached(pod, query, input, expected)
      : await executed(pod, query, input, expected, stream, variant);
  } finally {
    pod.closed$.next();
    await server.close();
  }
};

type Pod = ReturnType<typeof newPodContext>;

const executed = async (
  pod: Pod,
  query: URLSearchParams,
  input: readonly Frame[],
  expected: Expected,
  { response }: RecordedStream,
  { mode, cutAfter }: StreamVariant,
): Promise<string[]> => {
  const terminal = query.get('tty') === 'true';
  const words = query.getAll('command');
  let process: ComputeProcess;
  try {
    process = await firstValueFrom(
      startExec(pod, {
        OciProcess: { args: words.length === 0 || words[0] === '' ? ['nothing'] : words, terminal },
        CreateStdInPipe: query.get('stdin') === 'true',
        CreateStdOutPipe: true,
        CreateStdErrPipe: !terminal,
      }),
    );
  } catch (error) {
    if (!(error instanceof RxshimError)) return [`an error without a kind: ${String(error)}`];
    if (expected.refused !== undefined) return refusalDifferences(error, expected.refused, response?.body);
    if (expected.notStarted) return [];
    // Confirmed, it is lost before it is known to have been started.
    if (mode === 'confirmed' && cutAfter !== undefined && error.kind === 'unavailable') return [];
    return [`failed to start: ${error.message}`];
  }
  if (expected.refused !== undefined) return [`a refusal with ${expected.refused} expected`];
  void feed(process, input);
  const [stdout, stderr, exit] = await Promise.all([
    read(process.stdio.stdout),
    read(process.stdio.stderr),
    firstValueFrom(process.exit$),
  ]);
  return [...exitDifferences(exit, expected), ...outputDifferences({ stdout, stderr }, expected)];
};

const exitDifferences = (exit: ProcessExit, { code, notStarted }: Expected): string[] => {
  if (code === undefined || notStarted)
    return exit.kind === 'unknown' ? [] : [`no exit code expected, got ${JSON.stringify(exit)}`];
  return exit.kind === 'exited' && exit.code === code
    ? []
    : [`exit code ${code} expected, got ${JSON.stringify(exit)}`];
};

const outputDifferences = (
  seen: { readonly stdout: string; readonly stderr: string },
  expected: Expected,
): string[] =>
  (['stdout', 'stderr'] as const).flatMap((name) =>
    seen[name] === expected[name]
      ? []
      : [`${name}: ${short(expected[name])} expected, got ${short(seen[name])}`],
  );

const attached = async (
  pod: Pod,
  query: URLSearchParams,
  input: readonly Frame[],
  expected: Expected,
): Promise<string[]> => {
  const terminal = query.get('tty') === 'true';
  const stdin = query.get('stdin') === 'true';
  // As if the exit were seen at once, so that the end of the streams is the question.
  const output = initOutput(pod, { document: {}, terminal, stdin: true, output: 'attach', isHeld: false });
  try {
    await output.connect(Promise.resolve());
  } catch (error) {
    return expected.refused === undefined
      ? [`failed to attach: ${messageOf(error)}`]
      : refusalDifferences(error, expected.refused, undefined);
  }
  if (stdin)
    for (const frame of input) {
      if (frame.ch === 0) await output.stdin.write(bytesOf(frame)).catch(() => undefined);
      if (frame.ch === 255) await output.endInput().catch(() => undefined);
      if (frame.ch === 4) await output.resize(sizeIn(frame)).catch(() => undefined);
    }
  const [stdout, stderr] = await Promise.all([read(output.stdout), read(output.stderr)]);
  return outputDifferences({ stdout, stderr }, expected);
};

const feed = async (process: ComputeProcess, input: readonly Frame[]): Promise<void> => {
  for (const frame of input) {
    if (frame.ch === 0) await process.stdio.stdin?.write(bytesOf(frame)).catch(() => undefined);
    if (frame.ch === 255)
      await lastValueFrom(process.closeStdin(), { defaultValue: undefined }).catch(() => undefined);
    if (frame.ch === 4) {
      await lastValueFrom(process.resizeConsole(sizeIn(frame)), { defaultValue: undefined }).catch(
        () => undefined,
      );
    }
  }
};

const sizeIn = (frame: Frame): ConsoleSize => {
  const { Width: width, Height: height } = JSON.parse(bytesOf(frame).toString());
  return { width, height };
};

const read = async (source: ByteSource | undefined): Promise<string> => {
  let text = '';
  try {
    for await (const chunk of source ?? []) text += Buffer.from(chunk as Uint8Array).toString('latin1');
  } catch {
    // Truncated: what came is compared.
  }
  return text;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const serve = async (
  { frames = [], path, close }: RecordedStream,
  { slower, cutAfter, mode }: StreamVariant,
  socket: ServerSocket,
  raw: Socket,
  nonce: string | undefined,
  isTrue: boolean,
): Promise<void> => {
  const channel = /[?&]tty=true/.test(path) ? 1 : 2;
  const say = (text: string): Promise<void> =>
    socket.send(channel, Buffer.from(`\0RXSHIM ${nonce} ${text}\0`));
  let [received, wanted] = [0, 0];
  socket.onMessage((from, payload) => {
    received += from === 0 ? payload.length : 1;
  });
  let sent = 0;
  let hasBegun = false;
  for (const frame of frames) {
    const isFirst = frame.dir === 'out' || frame.ch === 3 || bytesOf(frame).length > 0;
    if (nonce !== undefined && !hasBegun && isFirst) {
      hasBegun = true;
      if (!isRefusal(frame)) await say('PID 7');
    }
    if (frame.dir === 'out') {
      // Over v4 a client cannot end its input, and the engine does not seem to.
      if (frame.ch === 255 && socket.protocol === 'v4.channel.k8s.io') continue;
      if (frame.ch === 0 && bytesOf(frame).length === 0) continue;
      wanted += frame.ch === 0 ? bytesOf(frame).length : 1;
      for (let turns = 0; received < wanted && turns < 1_000 && !raw.destroyed; turns += 1) await pause(1);
      continue;
    }
    const bytes = bytesOf(frame);
    const isOutput = frame.ch === 1 || frame.ch === 2;
    if (sent === cutAfter) return socket.cut();
    if (mode === 'confirmed' && nonce !== undefined && frame.ch === 3) {
      const code = codeOf(bytes);
      if (code !== undefined && (code !== 0 || isTrue)) await say(`END ${code}`);
    }
    sent += 1;
    const size = slower && isOutput ? Math.max(1, Math.ceil(bytes.length / 5)) : maxFrame;
    if (bytes.length === 0) await socket.send(frame.ch, bytes);
    for (let at = 0; at < bytes.length; at += isOutput ? size : bytes.length) {
      await socket.send(frame.ch, isOutput ? bytes.subarray(at, at + size) : bytes);
      if (slower) await pause(1);
    }
  }
  if (sent === cutAfter || close?.code !== 1000) socket.cut();
  else socket.close(1000);
};

const maxFrame = 32 * 1024;

const isRefusal = (frame: Frame): boolean =>
  frame.dir === 'in' && frame.ch === 3 && codeOf(bytesOf(frame)) === undefined;

const codeOf = (bytes: Buffer): number | undefined => {
  const status = statusOf(bytes);
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (code !== undefined) return Number(code);
  return status.status === 'Success' ? 0 : undefined;
};

/** The first protocol has plain text for it. */
const statusOf = (bytes: Buffer): Status => {
  try {
    return JSON.parse(bytes.toString()) as Status;
  } catch {
    return {};
  }
};
