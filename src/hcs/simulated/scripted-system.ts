/**
 * A compute system under the control of its holder, who decides when processes end and what each call answers.
 *
 * It stands below the real exec stream in the vector runner, the specs and the benchmarks. Every call passes through
 * `answer`, where it can be recorded, failed or delayed.
 */
import { AsyncSubject, defer, EMPTY, lastValueFrom, Observable, of, type Subscriber } from 'rxjs';
import type { ByteSink } from '../contract/bytes.js';
import type { ComputeProcess, Delivery, ProcessExit, ProcessStdio } from '../contract/compute-process.js';
import type { ComputeSystem, SystemExit } from '../contract/compute-system.js';
import { exited, signaled } from '../contract/exit-code.js';
import { hostSignals } from '../signals/host.js';
import { type MemoryPipe, memoryPipe } from './memory-pipe.js';

/** Sees a call and may replace its default answer. */
export type Answer = <T>(call: string, args: unknown, normal: Observable<T>) => Observable<T>;

/** Options of `scriptedSystem`. */
export interface ScriptedOptions
  extends Partial<Pick<ComputeSystem, 'id' | 'os' | 'isOci' | 'initInDocument' | 'signals'>> {
  /** The pid of the next process. Default: counted from 1. */
  readonly nextPid?: () => number;
  /**
   * Sees each call under its name (`container.create`, `container.delete`, `container.start`,
   * `container.createProcess`, `container.shutdown`, `container.terminate`, `container.close`, `process.signal`,
   * `process.kill`, `process.resizeConsole`, `process.closeStdin`, `process.closeStdout`, `process.closeStderr`,
   * `process.close`) and may replace its answer.
   */
  readonly answer?: Answer;
  /**
   * Processes exit by the signals sent to them, and the system ends, with its processes, when requested. Without this
   * only the holder ends anything.
   */
  readonly obedient?: boolean;
  /** The system creates its first process before the start (`create`), and has something to `delete`. */
  readonly createsFirst?: boolean;
}

/** A process that a script moves. */
export interface ScriptedProcess extends ComputeProcess {
  readonly pipes: { readonly stdin?: MemoryPipe; readonly stdout?: MemoryPipe; readonly stderr?: MemoryPipe };
  /** Ends the process. Its output ends with it, unless a grandchild is to hold it open. */
  exit(how: number | ProcessExit, options?: { readonly holdStreams?: boolean }): void;
}

/** A compute system that a script moves. */
export interface ScriptedSystem extends ComputeSystem {
  readonly processes: readonly ScriptedProcess[];
  exit(how?: SystemExit): void;
}

const defaultAnswer: Answer = (_call, _args, normal) => normal;

/** Makes a compute system whose processes end when the script says so. */
export const scriptedSystem = (options: ScriptedOptions = {}): ScriptedSystem => {
  const { answer = defaultAnswer, os = 'linux', obedient = false, createsFirst = false } = options;
  const exit$ = new AsyncSubject<SystemExit>();
  const processes: ScriptedProcess[] = [];
  let lastPid = 0;
  const nextPid = options.nextPid ?? (() => (lastPid += 1));
  const act = (call: string) => (): Observable<unknown> => answer(`container.${call}`, undefined, EMPTY);
  const exit: ScriptedSystem['exit'] = (how = { reason: 'ended' }) => {
    exit$.next(how);
    exit$.complete();
  };
  const endsAll = (call: string) => (): Observable<unknown> =>
    defer(() => {
      if (obedient) {
        for (const process of processes) process.exit(signaled(sigkill));
        exit();
      }
      return act(call)();
    });

  const makes =
    (call: string): ComputeSystem['createProcess'] =>
    (parameters) => {
      const scripted = scriptedProcess(nextPid(), parameters, answer);
      const process = obedient ? obeying(scripted) : scripted;
      processes.push(process);
      return answer(call, parameters, of(process));
    };

  return {
    id: options.id ?? 'scripted',
    os,
    isOci: options.isOci ?? os === 'linux',
    initInDocument: options.initInDocument ?? os === 'linux',
    takesDescriptors: false,
    signals: options.signals ?? hostSignals(),
    exit$,
    start: act('start'),
    shutdown: endsAll('shutdown'),
    terminate: endsAll('terminate'),
    close: act('close'),
    pids: () => of(processes.map(({ pid }) => pid)),
    createProcess: makes('container.createProcess'),
    ...(createsFirst && { create: makes('container.create'), delete: act('delete') }),
    processes,
    exit,
  };
};

const sigkill = 9;

/** A process that exits by the signals sent to it, as most do. */
const obeying = (process: ScriptedProcess): ScriptedProcess => ({
  ...process,
  signal: (options) =>
    defer(() => {
      process.exit(signaled(typeof options.Signal === 'number' ? options.Signal : sigkill));
      return process.signal(options);
    }),
  kill: () =>
    defer(() => {
      process.exit(signaled(sigkill));
      return process.kill();
    }),
});

/** The streams, with writes that can be failed or delayed. */
const answeredIo = (pipes: ScriptedProcess['pipes'], answer: Answer): ProcessStdio => {
  const { stdin } = pipes;
  if (stdin === undefined) return pipes;
  const write: ByteSink['write'] = (chunk) =>
    lastValueFrom(
      answer(
        'process.stdinWrite',
        undefined,
        defer(() => stdin.write(chunk)),
      ),
    );
  return { ...pipes, stdin: { write } };
};

const delivered = of<Delivery>('delivered');

const scriptedProcess = (
  pid: number,
  wants: { CreateStdInPipe?: boolean; CreateStdOutPipe?: boolean; CreateStdErrPipe?: boolean },
  answer: Answer,
): ScriptedProcess => {
  const exit$ = new AsyncSubject<ProcessExit>();
  const pipes: { stdin?: MemoryPipe; stdout?: MemoryPipe; stderr?: MemoryPipe } = {};
  if (wants.CreateStdInPipe) pipes.stdin = memoryPipe();
  if (wants.CreateStdOutPipe) pipes.stdout = memoryPipe();
  if (wants.CreateStdErrPipe) pipes.stderr = memoryPipe();

  const closing = (call: string, names: readonly (keyof typeof pipes)[]): Observable<unknown> => {
    const open = names.some((name) => pipes[name] !== undefined);
    const ending = (listener: Subscriber<never>): void => {
      for (const name of names) pipes[name]?.end();
      listener.complete();
    };
    return answer(`process.${call}`, undefined, open ? new Observable(ending) : EMPTY);
  };

  return {
    pid,
    pipes,
    stdio: answer === defaultAnswer ? pipes : answeredIo(pipes, answer),
    exit$,
    signal: (options) => answer('process.signal', options, delivered),
    kill: () => answer('process.kill', undefined, delivered),
    resizeConsole: (size) => answer('process.resizeConsole', size, EMPTY),
    closeStdin: () => closing('closeStdin', ['stdin']),
    closeStdout: () => closing('closeStdout', ['stdout']),
    closeStderr: () => closing('closeStderr', ['stderr']),
    close: () => closing('close', ['stdin', 'stdout', 'stderr']),
    exit: (how, { holdStreams = false } = {}) => {
      if (!holdStreams) {
        pipes.stdout?.end();
        pipes.stderr?.end();
      }
      exit$.next(typeof how === 'number' ? exited(how) : how);
      exit$.complete();
    },
  };
};
