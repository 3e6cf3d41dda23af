/**
 * Starts a process beside a container's first one, by the exec API, and emits it when it runs.
 *
 * The daemon answers the start before it knows whether the process can be executed. It runs when it has a process id, or
 * has written something that is not the daemon's own message; one that was never started fails the start with that message.
 */
import { from, type Observable } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import { newMark } from '../../in-container/marks.js';
import { statusIn } from '../api/api-error.js';
import type { Container } from '../container/container.js';
import { userOf } from '../container/init-document.js';
import { backoff, pause } from '../pause.js';
import { inputOf } from '../stdio/input.js';
import { type ConnectionEnd, type Output, outputOf } from '../stdio/output.js';
import { createExec, type ExecDetails, type ExecDocument, inspectExec, openExec } from './exec-api.js';
import { execProcess } from './exec-process.js';
import { maySayFailure, startFailure } from './start-failure.js';
import type { StartedExec } from './started-exec.js';

export const startExec = (container: Container, parameters: ProcessParameters): Observable<ComputeProcess> =>
  from(started(container, parameters));

const started = async (container: Container, parameters: ProcessParameters): Promise<ComputeProcess> => {
  if (container.phase !== 'running')
    throw new RxshimError('failedPrecondition', `container ${container.name} is not running`);
  const mark = newMark();
  const document = documentOf(parameters, mark);
  const { Tty: terminal = false } = document;
  const id = await createExec(container, document);
  const { socket, head } = await openExec(container, id, terminal);
  container.closed$.subscribe(() => socket.destroy());
  const { CreateStdInPipe = false, CreateStdOutPipe = false, CreateStdErrPipe = false } = parameters;
  const input = CreateStdInPipe ? inputOf(terminal) : undefined;
  input?.connect(socket);
  const output = outputOf(!terminal);
  const held = holdMessage(output);
  const streamEnd = new Promise<ConnectionEnd>((resolve) => {
    output.connect({ stream: socket, head }, resolve);
  });
  const pid = await startedPid(container, id, held, streamEnd);
  held.release();
  const exec: StartedExec = { container, id, mark, pid, terminal, input, output, streamEnd };
  return execProcess(exec, { stdout: CreateStdOutPipe, stderr: CreateStdErrPipe && !terminal });
};

const documentOf = (
  { OciProcess, CreateStdInPipe = false }: ProcessParameters,
  mark: string,
): ExecDocument => {
  const { args = [], env = [], cwd, user, terminal = false, consoleSize } = OciProcess ?? {};
  if (args.length === 0) throw invalid('args', args, 'a list with at least an executable');
  return {
    Cmd: args,
    Env: [...env, mark],
    Tty: terminal,
    AttachStdin: CreateStdInPipe,
    ...(cwd && { WorkingDir: cwd }),
    ...(user && { User: userOf(user) }),
    ...(terminal && consoleSize && { ConsoleSize: [consoleSize.height, consoleSize.width] as const }),
  };
};

interface Held {
  /** What may be the daemon's message, so far. */
  readonly text: string;
  /** Resolves when something was written that is none. */
  readonly written: Promise<unknown>;
  /** What is held is output after all. */
  release(): void;
}

const holdMessage = (output: Output): Held => {
  const pieces: { readonly type: number; readonly bytes: Uint8Array }[] = [];
  let text = '';
  let noteWritten = (): void => undefined;
  const written = new Promise<void>((resolve) => {
    noteWritten = resolve;
  });
  const release = (): void => {
    output.intercept(undefined);
    for (const { type, bytes } of pieces.splice(0)) (type === 2 ? output.stderr : output.stdout).push(bytes);
  };
  output.intercept((type, bytes) => {
    pieces.push({ type, bytes });
    text += Buffer.from(bytes).toString();
    if (text.length > maxMessage || !maySayFailure(text)) {
      release();
      noteWritten();
    }
    return false;
  });
  return {
    get text() {
      return text;
    },
    written,
    release,
  };
};

/** Longer than any message of a runtime. */
const maxMessage = 10_000;

/** The process id, or 0 where it ended before the daemon could be asked for it. @throws where it never started. */
const startedPid = async (
  container: Container,
  id: string,
  held: Held,
  streamEnd: Promise<ConnectionEnd>,
): Promise<number> => {
  const { isPodman } = await daemonOf(container);
  let ended = false;
  let proven = false;
  const end = streamEnd.then(() => {
    ended = true;
  });
  const written = held.written.then(() => {
    proven = true;
  });
  const next = backoff(20, 200);
  for (;;) {
    await Promise.race([end, proven ? end : written, pause(next())]);
    const hadEnded = ended;
    let details: ExecDetails;
    try {
      details = await inspectExec(container, id);
    } catch (error) {
      // What has written something has run; how it ended is found out as for any other.
      if (proven || (hadEnded && held.text === '')) return 0;
      if (statusIn(error) === undefined && !hadEnded) continue;
      throw error;
    }
    if (details.Pid > 0) return details.Pid;
    if (proven && !isPodman) continue;
    if (proven) return 0;
    if (!hadEnded || details.Running) continue;
    const { ExitCode } = details;
    // Docker keeps the process id of what has run. Podman does not: there the message must do.
    const failed = isPodman ? held.text !== '' && (ExitCode === 126 || ExitCode === 127) : true;
    if (failed) throw startFailure(container.name, held.text, ExitCode);
    return 0;
  }
};

const daemonOf = (container: Container): Promise<{ readonly isPodman: boolean }> =>
  new Promise((resolve, reject) => {
    container.api.daemon$.subscribe({ next: resolve, error: reject });
  });
