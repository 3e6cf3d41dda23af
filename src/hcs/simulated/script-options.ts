/**
 * The options of simulated systems and processes.
 */
import type { SchedulerLike } from 'rxjs';
import type { ProcessExit } from '../contract/compute-process.js';
import type { ComputeSystem } from '../contract/compute-system.js';

/** The meaning of a letter: text for stdout or stderr, an exit (`exited(5)`, `signaled(9)`), or the error of `#`. */
export type ScriptValue = string | { readonly stderr: string } | ProcessExit | Error;

/**
 * The behaviour of a process, from the call that creates it:
 *
 * - `r` it runs: the call that creates it is answered. Without it the call is never answered; `#` fails it with
 * `values['#']`.
 * - `o`, `e` it writes `o` or `e` and a newline to stdout or stderr; other letters as in `values`.
 * - `x` it exits, as in `values.x`, or with 0; a digit: it exits with that code.
 * - `|` its output ends. An exit alone leaves it open, as a grandchild that holds it would.
 *
 * @example 'r--o--(x|)'
 */
export interface ProcessScript {
  readonly life: string;
  readonly values?: Readonly<Record<string, ScriptValue>>;
  /**
   * Its reaction to a signal, which replaces the rest of the script: `{ TERM: '50ms (x|)' }`; `''` ignores the signal.
   * By default the signal kills it at once. `EOF`: its reaction to end of input; by default none.
   */
  readonly on?: Readonly<Record<string, string>>;
  /** How calls on it are answered: see `Answers`. `stdin: ''` does not read its input. */
  readonly answers?: Answers<ProcessCall>;
}

/** The calls of a simulated process that a script can answer. */
export type ProcessCall =
  | 'signal'
  | 'kill'
  | 'resizeConsole'
  | 'stdin'
  | 'closeStdin'
  | 'closeStdout'
  | 'closeStderr'
  | 'close';

/**
 * For a call: `'--|'` answers after two milliseconds, `'#'` fails, `'n'` is not delivered (a signal), `''` never
 * answers.
 */
export type Answers<C extends string> = { readonly [Call in C]?: string };

/**
 * The container itself, from its start on: `r` it has started, `x` it exits by itself, `l` it is lost, `#` it cannot be
 * started.
 */
export interface ContainerScript {
  readonly life: string;
  /** The errors of `#` and `l`. */
  readonly values?: Readonly<Record<string, Error>>;
}

/** The calls of a simulated system that a script can answer. */
export type SystemCall = 'create' | 'start' | 'shutdown' | 'terminate' | 'close' | 'delete';

/** Options of `simulatedSystem`. */
export interface SimulatedOptions extends Partial<Pick<ComputeSystem, 'id' | 'os' | 'signals'>> {
  readonly scheduler: SchedulerLike;
  /**
   * The scripts of its processes, by command line or by its first word. From a list each process takes the next script, and
   * the last one repeats. A process without a script runs until it is killed.
   */
  readonly processes?: Readonly<Record<string, Scripts>>;
  readonly container?: string | ContainerScript;
  readonly answers?: Answers<SystemCall>;
  /**
   * The system creates its init before the start, as runc does, and has something to `delete`. The `r` of the init's
   * script answers `create`; the rest starts with `start`.
   */
  readonly createsFirst?: boolean;
}

/** The script of a simulated process: marbles, or marbles with options. */
export type Script = string | ProcessScript;
/** One script, or a list with one for each process in order of creation. */
export type Scripts = Script | readonly Script[];
