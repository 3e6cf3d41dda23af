/**
 * A harness for one exec: a scripted system, upstream, relay and publisher below it, virtual time around it, and a log
 * of all that happened, one line for each call and each milestone, in order.
 */
import {
  concat,
  EMPTY,
  ignoreElements,
  map,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  type Subject,
  throwError,
  timer,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { SystemExit } from '../../../src/hcs/contract/compute-system.js';
import type { ProcessSpec } from '../../../src/hcs/contract/process-spec.js';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import {
  type ScriptedOptions,
  type ScriptedProcess,
  type ScriptedSystem,
  scriptedSystem,
} from '../../../src/hcs/simulated/scripted-system.js';
import type { TaskEvent } from '../../../src/streams/events.js';
import { createExec } from '../../../src/streams/exec/exec.js';
import type { Exec } from '../../../src/streams/exec/interface.js';
import type { ExecOptions } from '../../../src/streams/exec/options.js';
import type { Policies } from '../../../src/streams/policies.js';
import type { RunningRelay } from '../../../src/streams/stdio/relay/relay-port.js';
import type { UpstreamIo } from '../../../src/streams/stdio/upstream.js';
import { inMarbles } from '../../support/marbles.js';

/** Puts something in the place of the usual answer to a call. */
export type Reply = (normal: Observable<unknown>) => Observable<unknown>;

export interface Script extends Omit<ScriptedOptions, 'answer'> {
  /** Whether the exec is the init of its task. Default: no. */
  readonly init?: boolean;
  readonly spec?: ProcessSpec;
  /** Which streams the upstream has. Default: none. */
  readonly stdio?: readonly ('stdin' | 'stdout' | 'stderr')[];
  readonly terminal?: boolean;
  readonly policies?: Partial<Policies>;
  /** Answers by the name of the call, as it stands in the log without its time. */
  readonly replies?: Readonly<Record<string, Reply>>;
  /** In the place of what the engine says of an end. */
  readonly processExit$?: Observable<unknown>;
  readonly systemExit$?: Observable<unknown>;
  /** In the place of the simulated relay. */
  readonly relay?: Partial<RunningRelay> | (() => RunningRelay);
  readonly more?: Partial<ExecOptions>;
}

export interface Harness {
  readonly exec: Exec;
  readonly system: ScriptedSystem;
  readonly process: ScriptedProcess;
  readonly scheduler: TestScheduler;
  readonly events: readonly TaskEvent[];
  readonly log: string[];
  /** Adds a line to the log. */
  note(what: string): void;
  /** Performs a command and notes what came of it. */
  record(name: string, command: Observable<unknown>): void;
  /** Does something later, in virtual time. */
  at(ms: number, act: () => void): void;
  /** Output is through. */
  through(): void;
  /** So many bytes were copied. */
  moved(bytes: number): void;
  /** What is still subscribed to, or scheduled. */
  leftovers(): readonly string[];
}

/** Never answers. */
export const hang: Reply = () => NEVER;
/** Fails. */
export const refuse =
  (error: unknown = new Error('no')): Reply =>
  () =>
    throwError(() => error);
/** Answers as usual, later. */
export const slow =
  (ms: number): Reply =>
  (normal) =>
    concat(timer(ms).pipe(ignoreElements()), normal);

/** Sets the harness and plays the script until nothing more happens; returns the harness as it was left. */
export const play = (script: Script, act: (harness: Harness) => void): Harness =>
  inMarbles(({ scheduler, flush }) => {
    const harness = makeHarness(script, scheduler);
    act(harness);
    flush();
    return harness;
  });

/** The log of a run. */
export const logOf = (script: Script, act: (harness: Harness) => void): readonly string[] =>
  play(script, act).log;

export const makeHarness = (script: Script, scheduler: TestScheduler): Harness => {
  const { init = false, stdio = [], terminal = false, replies = {} } = script;
  const log: string[] = [];
  const events: TaskEvent[] = [];
  const note = (what: string): void => {
    log.push(`${scheduler.now()} ${what}`);
  };
  const call = <T>(name: string, normal: Observable<T>): Observable<T> => {
    note(name);
    return (replies[name]?.(normal) ?? normal) as Observable<T>;
  };
  const system = scriptedSystem({
    nextPid: () => 4711,
    ...script,
    answer: <T>(name: string, _args: unknown, normal: Observable<T>) =>
      call(name, name === 'container.createProcess' ? ending(normal, script) : normal),
  });
  const stream = { write: () => Promise.resolve(), [Symbol.asyncIterator]: () => ({ next: never }) };
  const upstream: UpstreamIo = {
    ...Object.fromEntries(stdio.map((name) => [name, stream])),
    stdinPath: stdio.includes('stdin') ? '/in' : '',
    stdoutPath: stdio.includes('stdout') ? '/out' : '',
    stderrPath: stdio.includes('stderr') ? '/err' : '',
    terminal,
    closeStdin: () => call('upstream.closeStdin', EMPTY),
    close: () => call('upstream.close', EMPTY),
  };
  const through$ = new ReplaySubject<never>();
  let bytes = 0;
  const simulated: RunningRelay = {
    through$,
    moved: () => bytes,
    cut: () => {
      note('relay.cut');
      through$.complete();
      return true;
    },
  };
  const exec: Exec = createExec({
    taskId: 't',
    id: init ? 't' : 'e',
    bundle: '/bundle',
    system:
      script.systemExit$ === undefined
        ? system
        : { ...system, exit$: script.systemExit$ as Observable<SystemExit> },
    upstream,
    scheduler,
    spec: script.spec ?? { args: ['true'] },
    ...(script.policies === undefined ? {} : { policies: script.policies }),
    publish: (event) => {
      events.push(event);
      note(`(${exec.state}, pid ${exec.pid})`);
      return call(`publish ${event.type}`, of(undefined));
    },
    startRelay: () => {
      note('relay starts');
      return typeof script.relay === 'function' ? script.relay() : { ...simulated, ...script.relay };
    },
    ...script.more,
  });
  exec.exit$.subscribe((exit) => {
    const { kind, status, at, forced, ...how } = exit;
    const detail = 'error' in how ? '' : Object.values(how).map((value) => ` ${value}`);
    note(`exit$ ${kind}${detail} → ${status}${forced ? ', forced' : ''}`);
  });
  exec.drained$.subscribe(({ truncated }) => note(truncated ? 'drained$ truncated' : 'drained$'));
  exec.released$.subscribe(() => note('released$'));

  return {
    exec,
    system,
    get process() {
      return system.processes[0] as ScriptedProcess;
    },
    scheduler,
    events,
    log,
    note,
    record: (name, command) => {
      command.subscribe({
        error: (error) => note(`${name}: ${error instanceof RxshimError ? error.kind : String(error)}`),
        complete: () => note(`${name}: done`),
      });
    },
    at: (ms, later) => {
      scheduler.schedule(later, ms - scheduler.now());
    },
    through: () => through$.complete(),
    moved: (more) => {
      bytes += more;
    },
    leftovers: () => [
      ...system.processes
        .filter(({ exit$ }) => (exit$ as Subject<unknown>).observed)
        .map(({ pid }) => `exit$ of ${pid}`),
      ...(through$.observed ? ['through$ of the relay'] : []),
      ...scheduler.actions.map((action) => `an action in ${(action as { delay?: number }).delay} ms`),
    ],
  };
};

/** The process as it was made, with another end if the script has one. */
const ending = <T>(made$: Observable<T>, { processExit$ }: Script): Observable<T> =>
  processExit$ === undefined ? made$ : made$.pipe(map((process) => ({ ...process, exit$: processExit$ })));

const never = (): Promise<never> => new Promise(() => undefined);
