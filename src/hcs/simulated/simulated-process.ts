/**
 * Runs the script of a process, and its reactions to signals and end of input.
 */
import { lastValueFrom, type Observable, type SchedulerLike } from 'rxjs';
import type { ByteSink } from '../contract/bytes.js';
import type { Act, ComputeProcess, Delivery, ProcessExit } from '../contract/compute-process.js';
import { exited, signaled } from '../contract/exit-code.js';
import type { SignalOptions } from '../signals/options.js';
import { endOfInput, nameOf, type Programme, type Step } from './read-script.js';
import type { Moment } from './script.js';
import type { ProcessCall } from './script-options.js';
import type { ScriptedProcess } from './scripted-system.js';

/** Records a call and answers it as the script says; by default at once. */
export type Call = <T>(what: string, how: Answering, effect: () => void, value?: T) => Observable<T>;

export interface Answering {
  readonly answer: Moment | 'never' | undefined;
  /** The error of `#`. */
  readonly failure?: Error | undefined;
}

export interface SimulatedProcess extends ComputeProcess {
  /** Its program starts. Until then a signal kills it, and nothing else happens. */
  begin(): void;
  /** It is killed from outside. */
  end(how: ProcessExit): void;
}

const sigkill = 9;

export const simulatedProcess = (
  process: ScriptedProcess,
  command: string,
  { life, on, answers, failure }: Programme,
  { scheduler, call }: { readonly scheduler: SchedulerLike; readonly call: Call },
): SimulatedProcess => {
  /** The reaction to a signal replaces the rest of the script. */
  let act = 0;
  let started = false;
  let ended = false;
  const { stdin, stdout, stderr } = process.pipes;

  const end = (how: ProcessExit, holdStreams: boolean): void => {
    ended = true;
    process.exit(how, { holdStreams });
  };
  const play = (steps: readonly Step[], defaultExit: ProcessExit): void => {
    act += 1;
    const mine = act;
    for (const step of steps)
      scheduler.schedule(() => void (mine === act && perform(step, defaultExit)), step.at);
  };
  const perform = ({ letter, value }: Step, defaultExit: ProcessExit): void => {
    if (letter === '|') {
      stdout?.end();
      stderr?.end();
    } else if (typeof value === 'string') void stdout?.write(bytes(value)).catch(ignore);
    else if (value === undefined) end(defaultExit, true);
    else if ('stderr' in value) void stderr?.write(bytes(value.stderr)).catch(ignore);
    else end(value, true);
  };
  const hit = (options: SignalOptions): void => {
    const defaultExit = signaled(typeof options.Signal === 'number' ? options.Signal : sigkill);
    const steps = started ? on.get(nameOf(options)) : undefined;
    if (steps === undefined) {
      act += 1;
      end(defaultExit, false);
    } else if (steps.length > 0) play(steps, defaultExit);
  };

  const asked = <T = never>(name: ProcessCall, what: string, effect: () => void, value?: T): Observable<T> =>
    call(what, { answer: answers[name], failure }, effect, value);
  const doing = (name: 'closeStdout' | 'closeStderr' | 'close') => (): Act =>
    asked(name, `${name} ${command}`, () => void process[name]().subscribe());

  let inputEnded = stdin === undefined;
  const closeStdin = (): void => {
    process.closeStdin().subscribe();
    const steps = on.get(endOfInput);
    if (!inputEnded && steps !== undefined && steps.length > 0) play(steps, exited(0));
    inputEnded = true;
  };
  const decoder = new TextDecoder();
  const read: ByteSink['write'] = (chunk) => {
    const what = `input ${command} ${JSON.stringify(decoder.decode(chunk, { stream: true }))}`;
    return lastValueFrom(asked('stdin', what, ignore), { defaultValue: undefined });
  };
  const unread: ByteSink['write'] = () => new Promise(ignore);
  const write = answers.stdin === 'never' ? unread : read;

  return {
    ...process,
    stdio: stdin === undefined ? process.stdio : { ...process.stdio, stdin: { write } },
    begin: () => {
      if (started) return;
      started = true;
      if (!ended) play(life, exited(0));
    },
    end: (how) => end(how, false),
    signal: (options) =>
      asked<Delivery>('signal', `signal ${nameOf(options)} ${command}`, () => hit(options), 'delivered'),
    kill: () => asked<Delivery>('kill', `kill ${command}`, () => hit({ Signal: sigkill }), 'delivered'),
    resizeConsole: (size) =>
      asked('resizeConsole', `resize ${command}`, () => void process.resizeConsole(size).subscribe()),
    closeStdin: () => asked('closeStdin', `closeStdin ${command}`, closeStdin),
    closeStdout: doing('closeStdout'),
    closeStderr: doing('closeStderr'),
    close: doing('close'),
  };
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ignore = (): void => undefined;
