/**
 * A compute system scripted by marbles in virtual time, for tests of programs built on rxshim.
 *
 * It implements the contract, below the real tasks and execs. The calls to it are recorded line by line. All its timing
 * is by the given scheduler.
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
import type { AdoptedProcess, AdoptedSystem, AdoptRequest, OutputStart } from '../contract/adoption.js';
import type { ComputeProcess } from '../contract/compute-process.js';
import type { ComputeSystem } from '../contract/compute-system.js';
import { signaled, unknownExit } from '../contract/exit-code.js';
import type { OutputGap } from '../contract/output-gap.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import { invalid, RxshimError } from '../failures/errors.js';
import { hostSignals } from '../signals/host.js';
import { windowsSignals } from '../signals/windows.js';
import { requireMethods, requireOptions } from './check.js';
import { diaryOf } from './diary.js';
import { readAnswers } from './read-answers.js';
import { readContainer } from './read-container.js';
import { type Programme, readScript, readScripts } from './read-script.js';
import { exact, type Moment } from './script.js';
import type { Script, SimulatedOptions, SystemCall } from './script-options.js';
import { type ScriptedProcess, scriptedSystem } from './scripted-system.js';
import { type Answering, type Call, type SimulatedProcess, simulatedProcess } from './simulated-process.js';

/** A recorded call and its time, in milliseconds since the system was created. */
export interface Asked {
  readonly at: number;
  readonly what: string;
}

/** A compute system that follows its scripts. */
export interface SimulatedSystem extends ComputeSystem {
  /** All calls to it and to its processes, in order. */
  readonly asked: readonly Asked[];
  /**
   * The same container as a later program finds it, which then adopts it. What the present program is reading is lost to
   * it, as if it were killed.
   */
  successor(): SimulatedSystem;
}

type Pipes = ScriptedProcess['pipes'];

const sigkill = 9;
const systemOptions = [
  'scheduler',
  'id',
  'os',
  'signals',
  'processes',
  'container',
  'answers',
  'createsFirst',
];

/**
 * Creates a system that follows its scripts. All of them are parsed at once.
 *
 * @throws RxshimError `invalidArgument` for invalid options and mistakes in scripts, naming field and value.
 * @example
 * const system = simulatedSystem({ scheduler, processes: { web: { life: 'r', on: { TERM: '50ms (x|)' } } } });
 */
export const simulatedSystem = (options: SimulatedOptions): SimulatedSystem => systemWith(options);

/** Writes the scripts of processes when they are created, and observes the system. */
export interface Director {
  /** Called once for each process. */
  scriptOf(command: string): Script;
  /** A call to the system or to one of its processes. */
  asked(what: string): void;
  created(command: string, process: ComputeProcess): void;
}

/** The same; with a director it replaces `processes`. */
export const systemWith = (options: SimulatedOptions, director?: Director): SimulatedSystem => {
  requireOptions('options', options, systemOptions);
  const { scheduler, processes: scripts = {}, answers = {}, createsFirst = false, ...identity } = options;
  requireMethods(
    'scheduler',
    scheduler,
    'a scheduler of rxjs, such as that of the harness',
    'schedule',
    'now',
  );
  if (identity.signals !== undefined)
    requireMethods('signals', identity.signals, 'a table of signals', 'forText', 'forNumber');
  const { os = 'linux', signals = signalsOf(os) } = identity;
  const programmes = readScripts(scripts, signals);
  const container = readContainer(options.container ?? 'r');
  const answering = readAnswers(
    answers,
    'answers',
    createsFirst ? [...systemCalls, ...stepCalls] : systemCalls,
  );

  const scripted = scriptedSystem({
    id: identity.id ?? 'simulated',
    os,
    signals,
    initInDocument: false,
    createsFirst,
  });
  const diary = diaryOf(scheduler);
  const asked: Asked[] = [];
  const taken = new Map<string, number>();
  const running: SimulatedProcess[] = [];
  const found: { readonly id: string; readonly process: SimulatedProcess; readonly pipes: Pipes }[] = [];
  let isStarted = false;
  let isDeleted = false;
  const started = scheduler.now();

  const ask = <T>(what: string, answer: () => Observable<T>): Observable<T> =>
    diary.asking(what, () => {
      asked.push({ at: exact(scheduler.now() - started), what });
      director?.asked(what);
      return answer();
    });
  const call: Call = (what, how, effect, value) =>
    ask(what, () =>
      answered(scheduler, what, how, () => {
        effect();
        return value === undefined ? EMPTY : of(value);
      }),
    );
  const own = (name: SystemCall, effect: () => void): Observable<never> =>
    call(name, { answer: answering[name], failure: container.values['#'] }, effect);

  const next = (command: string): Programme => {
    if (director !== undefined) return readScript(director.scriptOf(command), command, signals);
    const key = programmes.has(command) ? command : (command.split(' ')[0] as string);
    const found = programmes.get(key);
    if (found === undefined) diary.unscripted.add(key);
    const place = taken.get(key) ?? 0;
    taken.set(key, place + 1);
    return found?.[Math.min(place, found.length - 1)] ?? readScript('r', key, signals);
  };

  const endAll = (): void => {
    for (const process of running) process.end(signaled(sigkill));
    scripted.exit();
  };

  const making = (
    word: 'run' | 'create',
    parameters: ProcessParameters,
    id = '',
  ): Observable<ComputeProcess> =>
    defer(() => {
      const command = commandOf(parameters);
      const what = `${word} ${command}`;
      const programme = next(command);
      const { begin, failure } = programme;
      const byScript = begin && { ...begin, letter: begin.letter === 'r' ? '|' : '#' };
      const answer = (word === 'create' ? answering.create : undefined) ?? byScript ?? 'never';
      const made = (): Observable<ComputeProcess> => {
        // The engine below answers at once.
        let bare: ScriptedProcess | undefined;
        scripted.createProcess(parameters).subscribe((process) => (bare = process as ScriptedProcess));
        const process = simulatedProcess(bare as ScriptedProcess, command, programme, { scheduler, call });
        running.push(process);
        found.push({ id, process, pipes: (bare as ScriptedProcess).pipes });
        director?.created(command, process);
        if (word === 'run') process.begin();
        return of(process);
      };
      return ask(what, () => answered(scheduler, what, { answer, failure }, made));
    });

  const start = (): Observable<never> => {
    const failure = container.values['#'];
    const how = { answer: answering.start ?? container.begin ?? 'never', failure };
    return ask('start', () => {
      const { end } = container;
      const gone = end?.letter === 'l' ? lost : endAll;
      if (end !== undefined) scheduler.schedule(gone, end.at);
      return answered(scheduler, 'start', how, () => {
        isStarted = true;
        for (const process of running) process.begin();
        return EMPTY;
      });
    });
  };
  // A lost container loses its processes.
  const lost = (): void => {
    const { l: error } = container.values;
    for (const process of running) process.end(unknownExit('the container is lost'));
    scripted.exit({ reason: 'lost', ...(error && { error }) });
  };

  const adopt = ({ output = 'left' }: AdoptRequest = {}): Observable<AdoptedSystem> =>
    ask('adopt', () => {
      const [init, ...execs] = found;
      if (init === undefined || isDeleted)
        return throwError(() => new RxshimError('notFound', 'adopt the simulated container'));
      const adopted = ({ id, process, pipes }: (typeof found)[number]): AdoptedProcess => ({
        id,
        phase: id === '' && createsFirst && !isStarted ? 'created' : 'started',
        process: { ...process, gaps: gapsOf(pipes, output) },
        terminal: false,
      });
      return of({ init: adopted(init), execs: execs.map(adopted), labels: {} });
    });

  const handle = (): SimulatedSystem => ({
    ...scripted,
    asked,
    adopt,
    successor: () => {
      for (const { pipes } of found) for (const pipe of Object.values(pipes)) pipe.detach?.();
      return handle();
    },
    createProcess: (parameters, _descriptors, identity) => making('run', parameters, identity?.id),
    start,
    shutdown: () => own('shutdown', endAll),
    terminate: () => own('terminate', endAll),
    close: () => own('close', () => undefined),
    ...(createsFirst && {
      create: (parameters: ProcessParameters) => making('create', parameters),
      delete: () =>
        own('delete', () => {
          isDeleted = true;
        }),
    }),
  });
  return handle();
};

/** Bytes that were read are not kept. */
const gapsOf = (pipes: Pipes, output: OutputStart): readonly OutputGap[] =>
  output !== 'start'
    ? []
    : (['stdout', 'stderr'] as const).flatMap((stream) => {
        const bytes = pipes[stream]?.taken?.() ?? 0;
        const reason = 'a simulated process keeps nothing that was read';
        return bytes === 0 ? [] : [{ stream, reason, bytes }];
      });

const systemCalls: readonly SystemCall[] = ['start', 'shutdown', 'terminate', 'close'];
/** Called only for a system that creates its init first. */
const stepCalls: readonly SystemCall[] = ['create', 'delete'];

const signalsOf = (os: NonNullable<SimulatedOptions['os']>) => {
  if (!['linux', 'windows', 'darwin'].includes(os)) throw invalid('os', os, 'linux, windows or darwin');
  return os === 'windows' ? windowsSignals({ supported: true }) : hostSignals();
};

const answered = <T>(
  scheduler: SchedulerLike,
  what: string,
  { answer = { at: 0, letter: '|' }, failure }: Answering,
  byScript: () => Observable<T>,
): Observable<T> => {
  if (answer === 'never') return NEVER;
  return afterwards(scheduler, answer, (letter) => {
    if (letter === '#') return throwError(() => failure ?? cannot(what));
    return letter === 'n' ? of('notDelivered' as T) : byScript();
  });
};

const afterwards = <T>(
  scheduler: SchedulerLike,
  { at, letter }: Moment,
  then: (letter: string) => Observable<T>,
): Observable<T> => {
  const then$ = defer(() => then(letter));
  return at === 0 ? then$ : concat(timer(at, scheduler).pipe(ignoreElements()), then$);
};

const cannot = (what: string): RxshimError =>
  new RxshimError('unknown', `the script says that this fails: ${what}`);

const commandOf = ({ OciProcess: spec, CommandLine: line, CommandArgs: args }: ProcessParameters): string =>
  line ?? (spec?.args ?? args ?? []).join(' ');
