/**
 * The face of an exec: what its users hold. Streams are made when first asked for, commands when called, so that an
 * exec whose user wants only its end costs only that.
 */
import type { Attributes } from '@opentelemetry/api';
import { concat, filter, map, Observable, observable, shareReplay, take } from 'rxjs';
import type { ConsoleSize } from '../hcs/compute-process.js';
import { type Command, type CommandOptions, command } from '../operators/command.js';
import type { TaskEvent } from './events.js';
import { closeIo, forceExit, kill, killNow, resizePty, start } from './exec-commands.js';
import { type ExecContext, states } from './exec-context.js';
import { eventsOf } from './exec-events.js';
import type { Exec, ExecOutcome, StopOptions, StopOutcome } from './exec-interface.js';
import type { ExecExit, ExecState } from './exec-state.js';
import { type ExecStatus, statusFrom } from './exec-status.js';
import type { StateName } from './lifecycle.js';
import { stop } from './stop-command.js';
import { defaultTracer, traced } from './tracing.js';
import type { CallerInput, CallerOutput } from './upstream.js';

/** What a process killed with SIGKILL would have reported. */
const statusWhenDisposed = 137;

export const execHandle = (exec: ExecContext): Exec => new ExecHandle(exec) as ExecHandle & Exec;

// A class, for once: ten thousand of these may be held at a time, and methods on a prototype weigh nothing.
class ExecHandle implements Omit<Exec, typeof Symbol.observable> {
  readonly #exec: ExecContext;
  #exit$: Observable<ExecExit> | undefined;

  constructor(exec: ExecContext) {
    this.#exec = exec;
  }

  get taskId(): string {
    return this.#exec.options.taskId;
  }

  get id(): string {
    return this.#exec.options.id;
  }

  get bundle(): string {
    return this.#exec.options.bundle;
  }

  get state(): StateName {
    return this.#exec.latest.state;
  }

  get pid(): number {
    return this.#exec.latest.pid;
  }

  status(): ExecStatus {
    return statusFrom(this.#exec.options, this.#exec.latest);
  }

  get stdin(): CallerInput | undefined {
    return this.#exec.options.upstream.caller?.stdin;
  }

  get stdout(): CallerOutput | undefined {
    return this.#exec.options.upstream.caller?.stdout;
  }

  get stderr(): CallerOutput | undefined {
    return this.#exec.options.upstream.caller?.stderr;
  }

  get state$(): Observable<ExecState> {
    return states(this.#exec);
  }

  get exit$(): Observable<ExecExit> {
    this.#exit$ ??= states(this.#exec).pipe(
      map((now) => now.exit),
      filter((exit) => exit !== undefined),
      take(1),
      shareReplay(1),
    );
    return this.#exit$;
  }

  get drained$(): Observable<{ readonly truncated: boolean }> {
    return states(this.#exec).pipe(
      filter(({ phase }) => phase === 'releasing' || phase === 'released'),
      map(({ truncated }) => ({ truncated })),
      take(1),
    );
  }

  get released$(): Observable<ExecOutcome> {
    return released(this.#exec);
  }

  get events$(): Observable<TaskEvent> {
    return eventsOf(this.#exec.options, this.state$);
  }

  start(options?: CommandOptions): Command<void> {
    return this.#perform('Start', start(this.#exec), options);
  }

  kill(signal: number | string, options?: CommandOptions): Command<void> {
    return this.#perform('Kill', kill(this.#exec, signal), options, { signal });
  }

  resizePty(size: ConsoleSize, options?: CommandOptions): Command<void> {
    return this.#perform('ResizePty', resizePty(this.#exec, size), options, { ...size });
  }

  closeIo(options?: CommandOptions): Command<void> {
    return this.#perform('CloseIO', closeIo(this.#exec), options, { stdin: true });
  }

  wait(options?: CommandOptions): Command<ExecOutcome> {
    return this.#perform('Wait', this.released$, options);
  }

  forceExit(status: number, options?: CommandOptions): Command<void> {
    return this.#perform('ForceExit', forceExit(this.#exec, status), options, { status });
  }

  stop(options: StopOptions & CommandOptions = {}): Command<StopOutcome> {
    return this.#perform('Stop', stop(this.#exec, this.released$, options), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#perform(
      'Dispose',
      concat(killNow(this.#exec, statusWhenDisposed), this.released$),
      undefined,
    );
  }

  #perform<T>(
    name: string,
    work: Observable<T>,
    options?: CommandOptions,
    attributes?: Attributes,
  ): Command<T> {
    const { taskId, id, tracer = defaultTracer } = this.#exec.options;
    const traced$ = traced(tracer, name, () => ({ tid: taskId, eid: id, ...attributes }), work);
    return command((listener) => traced$.subscribe(listener), options);
  }
}

// The symbol that rxjs itself looks for, also where the runtime has none of that name.
Object.defineProperty(ExecHandle.prototype, observable, {
  value(this: ExecHandle) {
    return this.state$;
  },
});

/** The release is the completion of the changes: this waits for nothing else. */
const released = (exec: ExecContext): Observable<ExecOutcome> =>
  new Observable((listener) =>
    exec.changes$.subscribe({
      complete: () => {
        const { exit, truncated } = exec.latest;
        listener.next({ ...(exit as ExecExit), truncated });
        listener.complete();
      },
    }),
  );
