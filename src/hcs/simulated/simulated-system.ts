/**
 * A compute system scripted by marbles, in virtual time: for tests of what is built on rxshim.
 *
 * It fulfils the contract: above it stand the real tasks and execs. What it was asked is kept, line by line. Time comes
 * from the scheduler that it is given, and nothing of it waits in any other way.
 */
import {
  concat,
  defer,
  EMPTY,
  ignoreElements,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  throwError,
  timer,
} from 'rxjs';
import type { Act, ComputeProcess, Delivery, ProcessExit } from '../compute-process.js';
import type { ComputeSystem } from '../compute-system.js';
import { invalid, RxshimError } from '../errors.js';
import { exited, signaled } from '../exit-code.js';
import type { ProcessParameters } from '../process-parameters.js';
import type { SignalOptions, SignalTable } from '../signal-options.js';
import { momentsOf } from './script.js';
import { type ScriptedProcess, scriptedSystem } from './scripted-system.js';

/** What stands behind a letter: text for stdout or stderr, or a way to end. */
export type ScriptValue = string | { readonly stderr: string } | ProcessExit;

/**
 * What a process does, from the moment it is asked for:
 *
 * - `r` it runs: the call that makes it is answered. Without it that call is never answered; `#` fails it.
 * - `o`, `e` it writes `o` or `e` and a new line to stdout or stderr; other letters what `values` say.
 * - `x` it exits, as `values.x` says, or with 0; a digit: it exits with that code.
 * - `|` its output ends. An exit alone leaves it open, as a grandchild would that still holds it.
 *
 * @example 'r--o--(x|)'
 */
export interface ProcessScript {
  readonly life: string;
  readonly values?: Readonly<Record<string, ScriptValue>>;
  /**
   * What it does on a signal, from then on, in the place of what it was going to do: `{ TERM: '50ms (x|)' }`; `''` takes
   * no notice. Not said: it ends at once by that signal.
   */
  readonly on?: Readonly<Record<string, string>>;
  /** How calls on it are answered: see `Answers`. */
  readonly answers?: Answers<
    'signal' | 'kill' | 'resizeConsole' | 'closeStdin' | 'closeStdout' | 'closeStderr' | 'close'
  >;
}

/** For a call: `'--|'` answers after two milliseconds, `'#'` fails, `'n'` found nobody (a signal), `''` never answers. */
export type Answers<C extends string> = { readonly [Call in C]?: string };

export interface SimulatedOptions extends Partial<Pick<ComputeSystem, 'id' | 'os' | 'signals'>> {
  readonly scheduler: SchedulerLike;
  /**
   * What runs in it, by command line or by its first word; of a list each process takes the next, the last one goes on.
   * Not found: it runs until it is ended.
   */
  readonly processes?: Readonly<Record<string, Scripts>>;
  /** The container itself, from its start on: `r` it has started, `x` it goes by itself, `#` it cannot be started. */
  readonly container?: string;
  readonly answers?: Answers<'shutdown' | 'terminate' | 'close'>;
}

type Script = string | ProcessScript;
export type Scripts = Script | readonly Script[];

/** What was asked, and when. */
export interface Asked {
  readonly at: number;
  readonly what: string;
}

export interface SimulatedSystem extends ComputeSystem {
  /** Everything that was asked of it and of its processes, in order. */
  readonly asked: readonly Asked[];
}

const sigkill = 9;
const runs = 'r';

export const simulatedSystem = (options: SimulatedOptions): SimulatedSystem => {
  const { scheduler, processes: scripts = {}, container = runs, answers = {}, ...identity } = options;
  const scripted = scriptedSystem({ id: 'simulated', ...identity, initInDocument: false });
  const asked: Asked[] = [];
  const taken = new Map<string, number>();
  const begun = scheduler.now();
  const note = (what: string): void => void asked.push({ at: scheduler.now() - begun, what });

  const call = <T>(what: string, answer: string | undefined, effect: () => void, value?: T): Observable<T> =>
    defer(() => {
      note(what);
      return answered(scheduler, what, answer ?? '|', effect, value);
    });

  const next = (command: string): ProcessScript => {
    const key = command in scripts ? command : (command.split(' ')[0] as string);
    const found = scripts[key] ?? runs;
    const list: readonly Script[] = isList(found) ? found : [found];
    const place = taken.get(key) ?? 0;
    taken.set(key, place + 1);
    const script = list[Math.min(place, list.length - 1)] ?? runs;
    return typeof script === 'string' ? { life: script } : script;
  };

  const endAll = (): void => {
    for (const process of scripted.processes) process.exit(signaled(sigkill));
    scripted.exit();
  };

  const createProcess = (parameters: ProcessParameters): Observable<ComputeProcess> =>
    defer(() => {
      const command = commandOf(parameters);
      const script = next(command);
      note(`run ${command}`);
      const moments = momentsOf(script.life);
      const first = moments.findIndex(({ letter }) => letter === runs || letter === '#');
      const begin = moments[first];
      if (begin === undefined) return NEVER;
      if (begin.letter === '#')
        return afterwards(
          scheduler,
          begin.at,
          throwError(() => cannot(`run ${command}`)),
        );
      return afterwards(
        scheduler,
        begin.at,
        defer(() => {
          // The engine below answers at once.
          let made: ScriptedProcess | undefined;
          scripted.createProcess(parameters).subscribe((process) => (made = process as ScriptedProcess));
          const process = made as ScriptedProcess;
          const later = (act: () => void, at: number): void => void scheduler.schedule(act, at);
          return of(living(process, command, script, { later, call, signals: scripted.signals }));
        }),
      );
    });

  return {
    ...scripted,
    asked,
    createProcess,
    start: () =>
      defer(() => {
        note('start');
        const moments = momentsOf(container);
        for (const { at, letter } of moments) if (letter === 'x') scheduler.schedule(endAll, at);
        const begin = moments.find(({ letter }) => letter === runs || letter === '#');
        if (begin === undefined) return NEVER;
        return answered(
          scheduler,
          'start',
          `${begin.at}ms ${begin.letter === '#' ? '#' : '|'}`,
          () => undefined,
        );
      }),
    shutdown: () => call('shutdown', answers.shutdown, endAll),
    terminate: () => call('terminate', answers.terminate, endAll),
    close: () => call('close', answers.close, () => undefined),
  };
};

interface Stage {
  /** Does something in so many milliseconds. */
  readonly later: (act: () => void, ms: number) => void;
  readonly call: Call;
  readonly signals: SignalTable;
}

type Call = <T>(what: string, answer: string | undefined, effect: () => void, value?: T) => Observable<T>;

/** Plays a process's script, and what it does on signals. */
const living = (
  process: ScriptedProcess,
  command: string,
  { life, values = {}, on = {}, answers = {} }: ProcessScript,
  { later, call, signals }: Stage,
): ComputeProcess => {
  /** What a signal brings about takes the place of what was to come. */
  let act = 0;
  const play = (script: string, from: number, usualEnd: ProcessExit): void => {
    act += 1;
    const mine = act;
    for (const { at, letter } of momentsOf(script)) {
      if (letter !== runs) later(() => mine === act && perform(letter, usualEnd), at - from);
    }
  };
  const { stdout, stderr } = process.pipes;
  const perform = (letter: string, usualEnd: ProcessExit): void => {
    if (letter === '|') {
      stdout?.end();
      stderr?.end();
      return;
    }
    const value = values[letter] ?? usualValue(letter, usualEnd);
    if (typeof value === 'string') void stdout?.write(bytes(value)).catch(ignore);
    else if ('stderr' in value) void stderr?.write(bytes(value.stderr)).catch(ignore);
    else process.exit(value, { holdStreams: true });
  };
  const begins = momentsOf(life).find(({ letter }) => letter === runs)?.at ?? 0;
  play(life, begins, exited(0));

  const optionsFor = (name: string): SignalOptions => {
    const action = signals.forText(name);
    if (action === undefined) throw invalid('on', name, 'a signal that the system takes');
    return action.kind === 'signal' ? action.options : { Signal: sigkill };
  };
  const reactions = new Map(Object.entries(on).map(([name, script]) => [nameOf(optionsFor(name)), script]));
  const hit = (options: SignalOptions): void => {
    const end = signaled(typeof options.Signal === 'number' ? options.Signal : sigkill);
    const script = reactions.get(nameOf(options));
    if (script === undefined) {
      act += 1;
      process.exit(end);
    } else if (script !== '') play(script, 0, end);
  };
  const { resizeConsole, closeStdin, closeStdout, closeStderr, close } = process;
  const doing = (name: keyof NonNullable<ProcessScript['answers']>, usual: () => Act) => (): Act =>
    call(`${name} ${command}`, answers[name], () => void usual().subscribe());
  return {
    ...process,
    signal: (options) =>
      call<Delivery>(`signal ${nameOf(options)} ${command}`, answers.signal, () => hit(options), 'delivered'),
    kill: () => call<Delivery>(`kill ${command}`, answers.kill, () => hit({ Signal: sigkill }), 'delivered'),
    resizeConsole: (size) =>
      call(`resize ${command}`, answers.resizeConsole, () => void resizeConsole(size).subscribe()),
    closeStdin: doing('closeStdin', closeStdin),
    closeStdout: doing('closeStdout', closeStdout),
    closeStderr: doing('closeStderr', closeStderr),
    close: doing('close', close),
  };
};

const answered = <T>(
  scheduler: SchedulerLike,
  what: string,
  answer: string,
  effect: () => void,
  value?: T,
): Observable<T> => {
  const [moment] = momentsOf(answer);
  if (moment === undefined) return NEVER;
  const { at, letter } = moment;
  const outcome$ = defer((): Observable<T> => {
    if (letter === '#') return throwError(() => cannot(what));
    if (letter === 'n') return of('notDelivered' as T);
    if (letter !== '|') throw invalid('answer', answer, "'|', '#', 'n' or nothing, after some time");
    effect();
    return value === undefined ? EMPTY : of(value);
  });
  return afterwards(scheduler, at, outcome$);
};

const afterwards = <T>(scheduler: SchedulerLike, at: number, then$: Observable<T>): Observable<T> =>
  at === 0 ? then$ : concat(timer(at, scheduler).pipe(ignoreElements()), then$);

const usualValue = (letter: string, usualEnd: ProcessExit): ScriptValue => {
  if (letter === 'x') return usualEnd;
  if (/^\d$/.test(letter)) return exited(Number(letter));
  if (letter === 'o') return 'o\n';
  if (letter === 'e') return { stderr: 'e\n' };
  throw invalid('values', letter, 'a value for each letter of the script');
};

const cannot = (what: string): RxshimError =>
  new RxshimError('unknown', `the script says that this fails: ${what}`);

const commandOf = ({ OciProcess: spec, CommandLine: line, CommandArgs: args }: ProcessParameters): string =>
  line ?? (spec?.args ?? args ?? []).join(' ');

const isList = (scripts: Scripts): scripts is readonly Script[] => Array.isArray(scripts);
const nameOf = ({ Signal: signal }: SignalOptions): string => String(signal);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ignore = (): void => undefined;
