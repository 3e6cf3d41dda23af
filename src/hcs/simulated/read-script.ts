/**
 * Parses the scripts of processes when their system is created. The result has no mistakes that could be detected in
 * advance: unknown letters, an impossible order, meaningless values.
 */
import type { ProcessExit } from '../contract/compute-process.js';
import { hasCode } from '../contract/exit-code.js';
import { invalid } from '../failures/errors.js';
import type { SignalOptions, SignalTable } from '../signals/options.js';
import { requireOptions } from './check.js';
import { type ReadAnswers, readAnswers } from './read-answers.js';
import { exact, type Moment, momentsOf } from './script.js';
import type { ProcessCall, ProcessScript, Script, Scripts, ScriptValue } from './script-options.js';

/** An action of a process and its time. An `x` without a value means the default exit. */
export interface Step extends Moment {
  readonly value: string | { readonly stderr: string } | ProcessExit | undefined;
}

/** A parsed script. */
export interface Programme {
  /** When the call that creates it is answered, `r`, or fails, `#`. Without it the call is never answered. */
  readonly begin: Moment | undefined;
  /** Times count from its beginning. */
  readonly life: readonly Step[];
  /** Its reactions to signals, by name, and to end of input, by `EOF`. */
  readonly on: ReadonlyMap<string, readonly Step[]>;
  readonly answers: ReadAnswers<ProcessCall>;
  /** The error of `#`. */
  readonly failure: Error | undefined;
}

const scriptOptions = ['life', 'values', 'on', 'answers'];
const calls: readonly ProcessCall[] = [
  'signal',
  'kill',
  'resizeConsole',
  'stdin',
  'closeStdin',
  'closeStdout',
  'closeStderr',
  'close',
];

export const endOfInput = 'EOF';

/** The name of a signal in the reactions and in the recorded calls. */
export const nameOf = ({ Signal: signal }: SignalOptions): string => String(signal);

export const readScripts = (
  processes: Readonly<Record<string, Scripts>>,
  signals: SignalTable,
): ReadonlyMap<string, readonly Programme[]> => {
  if (typeof processes !== 'object' || processes === null)
    throw invalid('processes', processes, 'scripts by command line');
  return new Map(
    Object.entries(processes).map(([name, scripts]) => {
      const field = `processes.${name}`;
      if (!isList(scripts)) return [name, [readScript(scripts, field, signals)]];
      if (scripts.length === 0) throw invalid(field, scripts, 'one script or more');
      return [name, scripts.map((script, place) => readScript(script, `${field}[${place}]`, signals))];
    }),
  );
};

export const readScript = (script: Script, field: string, signals: SignalTable): Programme => {
  const { life, values = {}, on = {}, answers = {} } = asObject(script, field);
  requireValues(values, `${field}.values`);
  const moments = momentsOf(life, field);
  const [begin, ...after] = moments;
  if (begin !== undefined && begin.letter !== 'r' && begin.letter !== '#')
    throw invalid(field, life, `'r' or '#' before '${begin.letter}'`);
  if (begin?.letter === '#' && after.length > 0) throw invalid(field, life, "nothing after '#'");
  const failure = values['#'] as Error | undefined;
  return {
    begin,
    life: stepsOf(after, values, field, life).map((step) => ({
      ...step,
      at: exact(step.at - (begin?.at ?? 0)),
    })),
    on: readReactions(on, values, `${field}.on`, signals),
    answers: readAnswers(answers, `${field}.answers`, calls),
    failure,
  };
};

const asObject = (script: Script, field: string): ProcessScript => {
  if (typeof script === 'string') return { life: script };
  if (script === undefined || script === null) throw invalid(field, script, "a script, such as 'r--o--(x|)'");
  requireOptions(field, script, scriptOptions);
  return script;
};

const readReactions = (
  on: Readonly<Record<string, string>>,
  values: NonNullable<ProcessScript['values']>,
  field: string,
  signals: SignalTable,
): ReadonlyMap<string, readonly Step[]> => {
  if (typeof on !== 'object' || on === null) throw invalid(field, on, 'scripts by signal');
  const reactions = new Map<string, readonly Step[]>();
  for (const [name, script] of Object.entries(on)) {
    const mine = `${field}.${name}`;
    const signal = name === endOfInput ? name : signalOf(name, field, signals);
    if (reactions.has(signal)) throw invalid(mine, script, 'each signal once');
    reactions.set(signal, stepsOf(momentsOf(script, mine), values, mine, script));
  }
  return reactions;
};

const sigkill: SignalOptions = { Signal: 9 };

const signalOf = (name: string, field: string, signals: SignalTable): string => {
  const action = signals.forText(name);
  if (action === undefined) throw invalid(field, name, 'a signal that the system takes');
  return nameOf(action.kind === 'signal' ? action.options : sigkill);
};

const stepsOf = (
  moments: readonly Moment[],
  values: NonNullable<ProcessScript['values']>,
  field: string,
  script: string,
): readonly Step[] => {
  let closed = false;
  let ended = false;
  return moments.map(({ at, letter }): Step => {
    const value = meaningOf(letter, values, field, script);
    const ends = letter === 'x' || isExit(value);
    if (ends && ended) throw invalid(field, script, 'one exit');
    if (closed && value !== undefined && !ends) throw invalid(field, script, "no output after '|'");
    ended ||= ends;
    closed ||= letter === '|';
    return { at, letter, value };
  });
};

const meaningOf = (
  letter: string,
  values: NonNullable<ProcessScript['values']>,
  field: string,
  script: string,
): Step['value'] => {
  if (letter === 'r' || letter === '#') throw invalid(field, script, `no '${letter}' after its beginning`);
  const value = values[letter];
  if (letter === '|') return undefined;
  if (value !== undefined) return value as Step['value'];
  if (letter === 'x') return undefined;
  if (/^\d$/.test(letter)) return { kind: 'exited', code: Number(letter) };
  if (letter === 'o') return 'o\n';
  if (letter === 'e') return { stderr: 'e\n' };
  throw invalid(field, script, `r, o, e, x, digits, '|', or letters with a value, not '${letter}'`);
};

const requireValues = (values: NonNullable<ProcessScript['values']>, field: string): void => {
  if (typeof values !== 'object' || values === null) throw invalid(field, values, 'values by letter');
  for (const [letter, value] of Object.entries(values)) {
    const mine = `${field}.${letter}`;
    if (letter.length !== 1 || /[r|()@ -]/.test(letter)) throw invalid(mine, value, 'a value for a letter');
    if (letter === '#') requireError(mine, value);
    else requireValue(mine, value);
  }
};

const requireValue = (field: string, value: ScriptValue): void => {
  if (typeof value === 'number') throw invalid(field, value, `exited(${value})`);
  const isOutput =
    typeof value === 'string' ||
    (typeof value === 'object' && value !== null && 'stderr' in value && typeof value.stderr === 'string');
  if (!isOutput && !isExit(value))
    throw invalid(field, value, 'text, { stderr: text }, exited(…) or signaled(…)');
};

export const requireError = (field: string, value: unknown): void => {
  // Not instanceof: test runners have realms, each with its own Error.
  const { message } = (value ?? {}) as { readonly message?: unknown };
  if (typeof message !== 'string') throw invalid(field, value, 'an error');
};

export const isExit = (value: unknown): value is ProcessExit =>
  hasCode(value as ProcessExit) || (value as ProcessExit | undefined | null)?.kind === 'unknown';

const isList = (scripts: Scripts): scripts is readonly Script[] => Array.isArray(scripts);
