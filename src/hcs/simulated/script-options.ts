/** What a test may say of simulated systems and their processes. */
import type { SchedulerLike } from 'rxjs';
import type { ProcessExit } from '../contract/compute-process.js';
import type { ComputeSystem } from '../contract/compute-system.js';

/**
 * What stands behind a letter: text for stdout or stderr, or a way to end (`exited(5)`, `signaled(9)`); behind `#` the
 * error.
 */
export type ScriptValue = string | { readonly stderr: string } | ProcessExit | Error;

/**
 * What a process does, from the moment it is asked for:
 *
 * - `r` it runs: the call that makes it is answered. Without it that call is never answered; `#` fails it, with
 *   `values['#']`.
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
   * no notice. Not said: it ends at once by that signal. `EOF`: what it does when its input ends; not said: nothing.
   */
  readonly on?: Readonly<Record<string, string>>;
  /** How calls on it are answered: see `Answers`. `stdin: ''` does not read its input. */
  readonly answers?: Answers<ProcessCall>;
}

export type ProcessCall =
  | 'signal'
  | 'kill'
  | 'resizeConsole'
  | 'stdin'
  | 'closeStdin'
  | 'closeStdout'
  | 'closeStderr'
  | 'close';

/** For a call: `'--|'` answers after two milliseconds, `'#'` fails, `'n'` found nobody (a signal), `''` never answers. */
export type Answers<C extends string> = { readonly [Call in C]?: string };

/** The container itself, from its start on: `r` it has started, `x` it goes by itself, `l` it is lost, `#` it cannot be started. */
export interface ContainerScript {
  readonly life: string;
  /** The errors behind `#` and `l`. */
  readonly values?: Readonly<Record<string, Error>>;
}

export type SystemCall = 'create' | 'start' | 'shutdown' | 'terminate' | 'close' | 'delete';

export interface SimulatedOptions extends Partial<Pick<ComputeSystem, 'id' | 'os' | 'signals'>> {
  readonly scheduler: SchedulerLike;
  /**
   * What runs in it, by command line or by its first word; of a list each process takes the next, the last one goes on.
   * Not found: it runs until it is ended.
   */
  readonly processes?: Readonly<Record<string, Scripts>>;
  readonly container?: string | ContainerScript;
  readonly answers?: Answers<SystemCall>;
  /**
   * The system makes its init before it is started, as runc does, and has something left to `delete`. The `r` of the
   * init's script answers `create`; what follows begins with `start`.
   */
  readonly createsFirst?: boolean;
}

export type Script = string | ProcessScript;
export type Scripts = Script | readonly Script[];
