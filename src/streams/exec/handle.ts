/**
 * The exec as its users see it. Streams are made when first used, commands when called, so that an exec whose user only
 * waits for its end costs no more than that.
 */
import type { Attributes } from '@opentelemetry/api';
import { concat, defer, filter, map, type Observable, observable, shareReplay, take } from 'rxjs';
import type { ConsoleSize } from '../../hcs/contract/compute-process.js';
import { statusWhenKilled } from '../../hcs/contract/exit-code.js';
import { invalid } from '../../hcs/failures/errors.js';
import type { Command, CommandOptions } from '../../operators/command.js';
import type { TaskEvent } from '../events.js';
import { noOutput } from '../stdio/caller/observed-output.js';
import type { OutputStream } from '../stdio/output-stream.js';
import type { CallerInput, CallerOutput } from '../stdio/upstream.js';
import { defaultTracer, tracedCommand } from '../traced-command.js';
import { eventsOf } from './events.js';
import type { Exec, ExecOutcome, KillMode, KillModeOptions, StopOptions, StopOutcome } from './interface.js';
import { type ExecSource, publicStates, released, states } from './source.js';
import type { StateName } from './state/lifecycle.js';
import { publicExit, publicIoErrors } from './state/public-state.js';
import type { ExecExit, ExecState, RecordedExit, State } from './state/state.js';
import { type ExecStatus, statusFrom } from './status.js';
import { stopOptionNames } from './stop-options.js';

const killOptionNames = ['killMode'] as const satisfies readonly (keyof KillModeOptions)[];

/** The commands of an exec that differ by its kind. Each returns a cold Observable. */
export interface ExecCommands<E extends ExecSource> {
  start(exec: E): Observable<never>;
  kill(exec: E, signal: number | string, killMode?: KillMode): Observable<never>;
  resizePty(exec: E, size: ConsoleSize): Observable<never>;
  closeIo(exec: E): Observable<never>;
  forceExit(exec: E, status: number): Observable<never>;
  /** ForceExit that does not wait for other commands. */
  killNow(exec: E, status: number): Observable<never>;
  stop(exec: E, released$: Observable<ExecOutcome>, options: StopOptions): Observable<StopOutcome>;
}

export const execHandle = <E extends ExecSource>(exec: E, commands: ExecCommands<E>): Exec =>
  new ExecHandle(exec, commands) as ExecHandle<E> & Exec;

// A class, for once: ten thousand of these may be held at a time, and methods on a prototype weigh nothing.
class ExecHandle<E extends ExecSource> implements Omit<Exec, typeof Symbol.observable> {
  readonly #exec: E;
  readonly #commands: ExecCommands<E>;
  #exit$: Observable<ExecExit> | undefined;

  constructor(exec: E, commands: ExecCommands<E>) {
    this.#exec = exec;
    this.#commands = commands;
  }

  static wholeState(exec: Exec): State {
    if (!(exec instanceof ExecHandle)) throw invalid('exec', exec, 'an exec that createExec has made');
    return exec.#exec.state;
  }

  get taskId(): string {
    return this.#exec.ports.options.taskId;
  }

  get id(): string {
    return this.#exec.ports.options.id;
  }

  get bundle(): string {
    return this.#exec.ports.options.bundle;
  }

  get state(): StateName {
    return this.#exec.state.state;
  }

  get pid(): number {
    return this.#exec.state.pid;
  }

  status(): ExecStatus {
    return statusFrom(this.#exec.ports.options, this.#exec.state);
  }

  get stdin(): CallerInput | undefined {
    return this.#exec.ports.options.upstream.caller?.stdin;
  }

  get stdout(): CallerOutput | undefined {
    return this.#exec.ports.options.upstream.caller?.stdout;
  }

  get stderr(): CallerOutput | undefined {
    return this.#exec.ports.options.upstream.caller?.stderr;
  }

  get output$(): OutputStream {
    return this.#exec.ports.options.upstream.caller?.output$ ?? noOutput;
  }

  get state$(): Observable<ExecState> {
    return publicStates(this.#exec);
  }

  get exit$(): Observable<ExecExit> {
    this.#exit$ ??= states(this.#exec).pipe(
      map((now) => now.exit),
      filter((exit) => exit !== undefined),
      take(1),
      map(publicExit),
      shareReplay(1),
    );
    return this.#exit$;
  }

  get drained$(): Observable<Pick<ExecOutcome, 'truncated' | 'ioErrors'>> {
    return states(this.#exec).pipe(
      filter(({ phase }) => phase === 'releasing' || phase === 'released'),
      map(({ truncated, ioErrors }) => ({ truncated, ioErrors: publicIoErrors(ioErrors) })),
      take(1),
    );
  }

  get released$(): Observable<ExecOutcome> {
    return outcome(this.#exec);
  }

  get events$(): Observable<TaskEvent> {
    return eventsOf(this.#exec.ports.options, this.state$);
  }

  start(options?: CommandOptions): Command<void> {
    return this.#perform('Start', this.#commands.start(this.#exec), options);
  }

  kill(signal: number | string, options?: KillModeOptions & CommandOptions): Command<void> {
    const killing = this.#commands.kill(this.#exec, signal, options?.killMode);
    return this.#perform('Kill', killing, options, { signal }, killOptionNames);
  }

  resizePty(size: ConsoleSize, options?: CommandOptions): Command<void> {
    return this.#perform('ResizePty', this.#commands.resizePty(this.#exec, size), options, { ...size });
  }

  closeIo(options?: CommandOptions): Command<void> {
    return this.#perform('CloseIO', this.#commands.closeIo(this.#exec), options, { stdin: true });
  }

  wait(options?: CommandOptions): Command<ExecOutcome> {
    return this.#perform('Wait', awaited(this.#exec), options);
  }

  forceExit(status: number, options?: CommandOptions): Command<void> {
    return this.#perform('ForceExit', this.#commands.forceExit(this.#exec, status), options, { status });
  }

  stop(options: StopOptions & CommandOptions = {}): Command<StopOutcome> {
    const stopping = this.#commands.stop(this.#exec, awaited(this.#exec), options);
    return this.#perform('Stop', stopping, options, undefined, stopOptionNames);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#perform(
      'Dispose',
      concat(this.#commands.killNow(this.#exec, statusWhenKilled), this.released$),
      undefined,
    );
  }

  #perform<T>(
    name: string,
    work: Observable<T>,
    options?: CommandOptions,
    attributes?: Attributes,
    ownOptions?: readonly string[],
  ): Command<T> {
    const { taskId, id, tracer = defaultTracer } = this.#exec.ports.options;
    return tracedCommand(
      {
        tracer,
        name,
        attributes: () => ({ tid: taskId, eid: id, ...attributes }),
        ...(ownOptions && { ownOptions }),
      },
      work,
      options,
    );
  }
}

/** Includes the steps that `state$` does not emit. */
export const wholeState = (exec: Exec): State => ExecHandle.wholeState(exec);

// The symbol that rxjs itself looks for, also where the runtime has none of that name.
Object.defineProperty(ExecHandle.prototype, observable, {
  value(this: ExecHandle<ExecSource>) {
    return this.state$;
  },
});

const outcome = (exec: ExecSource): Observable<ExecOutcome> => released(exec, outcomeOf);

const outcomeOf = ({ exit, truncated, ioErrors, unread, gaps }: State): ExecOutcome => {
  const outcome = { truncated, ioErrors: publicIoErrors(ioErrors), ...publicExit(exit as RecordedExit) };
  if (unread.length === 0 && gaps.length === 0) return outcome;
  return { ...(unread.length > 0 && { unread }), ...(gaps.length > 0 && { gaps }), ...outcome };
};

/** The same for a wait that comes before a reader: from now on output without a reader does not block the process. */
const awaited = (exec: ExecSource): Observable<ExecOutcome> =>
  defer(() => {
    exec.ports.options.upstream.awaited?.();
    return outcome(exec);
  });
