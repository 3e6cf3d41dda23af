/**
 * The context that a test function gets.
 */
import type { Observable, SchedulerLike } from 'rxjs';
import type { SimulatedOptions } from '../hcs/simulated/script-options.js';
import type { SimulatedSystem } from '../hcs/simulated/simulated-system.js';
import type { TaskEvent } from '../streams/events.js';
import type { Exec } from '../streams/exec/interface.js';
import type { Task } from '../streams/task/interface.js';
import type { LifeValues } from './expect/lives.js';
import type { ObservableValues } from './expect/observable.js';

/** An expectation is checked at the end of the test, wherever it is declared. */
export interface LifeExpectation {
  /**
   * `c` created, `r` running, a digit its exit with that status, `x` with 0 or as in `values`, like any other letter
   * with a value; `|` released. From the beginning of the test.
   *
   * @throws RxshimError `invalidArgument` for a life that cannot be parsed.
   * @example expectLife(task.init).toBe('c-r---(x|)', { x: 137 })
   */
  toBe(marbles: string, values?: LifeValues): void;
}

/** Expectations of the lives of several execs. */
export interface LivesExpectation {
  /**
   * The lives of all execs by their ids. A reused id is a life of its own: `job`, then `job#2`.
   *
   * @throws RxshimError `invalidArgument` for a life that cannot be parsed.
   */
  toBe(lives: Readonly<Record<string, string>>, values?: LifeValues): void;
}

/** Expectations of lines of text. */
export interface LinesExpectation {
  /**
   * One line each, with its time: `'3 ms TaskExit job-1 0'`.
   *
   * @throws RxshimError `invalidArgument` unless it is a list of lines.
   */
  toBe(lines: readonly string[]): void;
}

/** Expectations of an Observable. */
export interface ObservableExpectation {
  /**
   * Like the test schedulers of rxjs, but columns count from the beginning of the test: letters stand for themselves or
   * for their `values`, `|` completes, `#` fails, with `error` or `values['#']` if given. Compared deeply.
   *
   * @throws RxshimError `invalidArgument` for marbles that cannot be parsed.
   * @example expectObservable(status$).toBe('--a-(b|)', { a: { up: true }, b: { up: false } })
   */
  toBe(marbles: string, values?: ObservableValues, error?: unknown): void;
}

/** The tools of a test in virtual time. */
export interface VirtualHarness {
  /** Pass it to everything that takes time. */
  readonly scheduler: SchedulerLike;
  /** Milliseconds since the beginning of the test. */
  now(): number;
  /** Resolves after this number of milliseconds. @throws RxshimError `invalidArgument` if it is negative. */
  sleep(ms: number): Promise<void>;
  /** Calls a function at that millisecond. @throws RxshimError `invalidArgument` if it has passed. */
  at(ms: number, act: () => void): void;
  /**
   * Creates a simulated system in this test's time. @throws RxshimError `invalidArgument` for mistakes in its scripts.
   */
  system(options?: Omit<SimulatedOptions, 'scheduler'>): SimulatedSystem;
  /** Follows an exec from now on. */
  expectLife(exec: Exec): LifeExpectation;
  /** Follows every exec of a task from now on, including later ones. */
  expectLives(task: Pick<Task, 'id' | 'execs$'>): LivesExpectation;
  /** The events published from now on. */
  expectEvents(source: { readonly events$: Observable<TaskEvent> }): LinesExpectation;
  /** All calls to a system. */
  expectAsked(system: SimulatedSystem): LinesExpectation;
  /** Its notifications from now on: it is subscribed to at once. */
  expectObservable(source$: Observable<unknown>): ObservableExpectation;
}

/** Options of `inVirtualTime`. */
export interface VirtualTimeOptions {
  /** The test function must end by then, in milliseconds. Default: a day. */
  readonly until?: number;
  /**
   * How long time goes on at most after the test function has ended, in milliseconds. Default: an hour. Work that
   * repeats without end gets at most 10,000 instants of it.
   */
  readonly afterwards?: number;
}
