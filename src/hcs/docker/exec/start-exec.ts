/**
 * Starts a process beside a container's first one, by the exec API, and emits it when it runs.
 *
 * The daemon answers the start before it knows whether the process can be executed. It runs when it has a process id, or
 * has written something that is not the daemon's own message; one that was never started fails the start with that message.
 */
import { defer, firstValueFrom, from, type Observable } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import { newMark } from '../../in-container/marks.js';
import { backoff } from '../../remote/pause.js';
import { statusIn } from '../api/api-error.js';
import type { Container } from '../container/container.js';
import { userOf } from '../container/init-document.js';
import { isOnThisHost } from '../container/on-this-host.js';
import { inputOf } from '../stdio/input.js';
import { type ConnectionEnd, type Output, outputOf } from '../stdio/output.js';
import { createExec, type ExecDetails, type ExecDocument, inspectExec, openExec } from './exec-api.js';
import { execProcess } from './exec-process.js';
import { markedProcesses } from './exec-signals.js';
import { type ExecRecord, filterRecord, maxForgotten, newNonce, recordedDocument } from './recorded-exec.js';
import { requireSignals } from './signal-strategy.js';
import { maySayFailure, startFailure } from './start-failure.js';
import type { StartedExec } from './started-exec.js';

/** @param id by which it is adopted later. */
export const startExec = (
  container: Container,
  parameters: ProcessParameters,
  id?: string,
): Observable<ComputeProcess> => defer(() => from(started(container, parameters, id)));

const started = async (
  container: Container,
  parameters: ProcessParameters,
  identity: string | undefined,
): Promise<ComputeProcess> => {
  if (container.phase !== 'running')
    throw new RxshimError('failedPrecondition', `container ${container.name} is not running`);
  if (container.execs.requireSignals) await requireSignals(container);
  const mark = newMark(undefined, identity);
  const document = documentOf(parameters);
  const { Tty: terminal = false } = document;
  const nonce = container.execs.recordExits ? newNonce() : undefined;
  const id = await createExec(
    container,
    nonce === undefined
      ? { ...document, Env: [...(document.Env ?? []), mark] }
      : recordedDocument(document, nonce, mark, container.settledRecords.splice(0, maxForgotten)),
  );
  const { socket, head } = await openExec(container, id, terminal);
  container.closed$.subscribe(() => socket.destroy());
  const { CreateStdInPipe = false, CreateStdOutPipe = false, CreateStdErrPipe = false } = parameters;
  const input = CreateStdInPipe ? inputOf(terminal) : undefined;
  input?.connect(socket);
  const output = outputOf(!terminal);
  const { isPodman } = await firstValueFrom(container.api.daemon$);
  const record = nonce === undefined ? undefined : filterRecord(output, nonce, terminal);
  const held = record ? { text: () => record.text, written: never } : holdMessage(output, isPodman);
  const streamEnd = new Promise<ConnectionEnd>((resolve) => {
    output.connect({ stream: socket, head }, resolve);
  });
  const start = { container, id, isPodman, held, streamEnd };
  const { pid, wasCut, ...known } = await (record
    ? awaitRecordedStart(start, record, mark)
    : awaitStart(start));
  (record ?? held).release?.();
  const exec = { container, id, mark, pid, terminal, input, output, streamEnd, wasCut, ...known };
  return execProcess(exec, { stdout: CreateStdOutPipe, stderr: CreateStdErrPipe && !terminal });
};

const documentOf = ({ OciProcess, CreateStdInPipe = false }: ProcessParameters): ExecDocument => {
  const { args = [], env = [], cwd, user, terminal = false, consoleSize } = OciProcess ?? {};
  if (args.length === 0) throw invalid('args', args, 'a list with at least an executable');
  return {
    Cmd: args,
    Env: env,
    Tty: terminal,
    AttachStdin: CreateStdInPipe,
    ...(cwd && { WorkingDir: cwd }),
    ...(user && { User: userOf(user) }),
    ...(terminal && consoleSize && { ConsoleSize: [consoleSize.height, consoleSize.width] as const }),
  };
};

interface Start {
  readonly container: Container;
  readonly id: string;
  readonly isPodman: boolean;
  readonly held: Held;
  readonly streamEnd: Promise<ConnectionEnd>;
}

type Started = Pick<StartedExec, 'pid' | 'wasCut' | 'record' | 'ended'>;

interface Held {
  /** The bytes so far that may be the daemon's message. */
  text(): string;
  /** Resolves when something was written: with Podman, when it is none. */
  readonly written: Promise<unknown>;
  /** Emits the held bytes: they are output after all. */
  release?(): void;
}

const never = new Promise<never>(() => undefined);

const holdMessage = (output: Output, isPodman: boolean): Held => {
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
    pieces.push({ type, bytes: Uint8Array.from(bytes) });
    if (text.length <= maxMessage) text += Buffer.from(bytes).toString();
    if (text.length > maxMessage || (isPodman && !maySayFailure(text))) release();
    else if (isPodman) return false;
    noteWritten();
    return false;
  });
  return {
    text: () => text,
    written,
    release,
  };
};

/** Longer than any message of a runtime. */
const maxMessage = 10_000;

/**
 * The process id, or 0 where it is not known any more; and whether its stream ended while it was still running.
 *
 * Docker keeps the process id of what has run, so none after the end means that nothing did. Podman does not: there what
 * was written must do; and its service may have been restarted meanwhile, so that its answer is asked for again with care.
 * @throws RxshimError where it never started.
 */
const awaitStart = async ({ container, id, isPodman, held, streamEnd }: Start): Promise<Started> => {
  let ended = false;
  let looksAfterEnd = 0;
  let written = false;
  const end = streamEnd.then(() => {
    ended = true;
  });
  const output = held.written.then(() => {
    written = true;
  });
  const found = (pid: number) => ({ pid, wasCut: looksAfterEnd > 2 });
  const begin = performance.now();
  // A daemon that starts many processes at once is slow: asking it often would make it slower. So the first look is at about
  // the time that the last exec took, and is often the only one.
  const next = backoff(20, 1_000);
  let wait = container.execStartTime === undefined ? next() : container.execStartTime * 0.9;
  for (; ; wait = next()) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, wait);
    });
    await Promise.race([end, ...(written ? [] : [output]), waited]);
    clearTimeout(timer);
    const hadEnded = ended;
    let details: ExecDetails;
    try {
      details = await inspectExec(container, id);
    } catch (error) {
      // It may have run: how it ended is found out as for any other.
      if (hadEnded || written) return found(0);
      if (statusIn(error) === undefined) continue;
      throw error;
    }
    if (hadEnded && details.Running) looksAfterEnd += 1;
    if (details.Pid > 0) {
      const most = hadEnded ? (container.execStartTime ?? longestFirstWait) : longestFirstWait;
      container.execStartTime = Math.min(performance.now() - begin, most);
    }
    if (details.Pid > 0 || (isPodman && written))
      return { ...found(details.Pid), ...(hadEnded && !isPodman ? { ended: details } : {}) };
    if (!hadEnded || details.Running) continue;
    const { ExitCode } = details;
    const isFailure = !isPodman || (held.text() !== '' && (ExitCode === 126 || ExitCode === 127));
    if (isFailure) throw startFailure(container.name, held.text(), ExitCode);
    return found(0);
  }
};

/** In milliseconds: after a slow start the daemon may be fast again. */
const longestFirstWait = 250;

/** By the script's own word; where that is missing, as any other. @throws RxshimError where it never started. */
const awaitRecordedStart = async (start: Start, record: ExecRecord, mark: string): Promise<Started> => {
  const { container, streamEnd } = start;
  const first = await Promise.race([record.started, streamEnd.then(() => undefined)]);
  if (first?.kind === 'failed') throw startFailure(container.name, first.text, first.status);
  const { nonce, ended, flush } = record;
  if (first?.kind !== 'started')
    return { ...(await awaitStart(start)), record: { nonce, pid: 0, ended, flush } };
  const pid = isOnThisHost(container) ? (markedProcesses(mark)[0]?.pid ?? 0) : first.pid;
  return { pid, wasCut: false, record: { nonce, pid: first.pid, ended, flush } };
};
