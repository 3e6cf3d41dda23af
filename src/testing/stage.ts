/** What a story has at hand. */
import type { Observable, SchedulerLike } from 'rxjs';
import type { SimulatedOptions } from '../hcs/simulated/script-options.js';
import type { SimulatedSystem } from '../hcs/simulated/simulated-system.js';
import type { TaskEvent } from '../streams/events.js';
import type { Exec } from '../streams/exec/interface.js';
import type { Task } from '../streams/task/task-interface.js';
import type { LifeValues } from './expect-life.js';
import type { ObservableValues } from './expect-observable.js';

/** An expectation is checked when the test is over, whatever is said after it. */
export interface LifeExpectation {
  /**
   * `c` created, `r` running, a digit its exit with that status, `x` with 0 or what `values` say, as any other letter
   * that has a value; `|` released. From the beginning of the test.
   *
   * @throws RxshimError `invalidArgument` for a life that cannot be read.
   * @example expectLife(task.init).toBe('c-r---(x|)', { x: 137 })
   */
  toBe(marbles: string, values?: LifeValues): void;
}

export interface LivesExpectation {
  /**
   * By the ids of the execs; all that there were. An id that was used again is a life of its own: `job`, then `job#2`.
   *
   * @throws RxshimError `invalidArgument` for a life that cannot be read.
   */
  toBe(lives: Readonly<Record<string, string>>, values?: LifeValues): void;
}

export interface LinesExpectation {
  /**
   * One line each, with its time: `'3 ms TaskExit job-1 0'`.
   *
   * @throws RxshimError `invalidArgument` for anything but a list of lines.
   */
  toBe(lines: readonly string[]): void;
}

export interface ObservableExpectation {
  /**
   * As with the testers of rxjs, but columns count from the beginning of the test: letters stand for themselves or for
   * their `values`, `|` completes, `#` fails, with `error` or `values['#']` if these are said. Compared deeply.
   *
   * @throws RxshimError `invalidArgument` for marbles that cannot be read.
   * @example expectObservable(status$).toBe('--a-(b|)', { a: { up: true }, b: { up: false } })
   */
  toBe(marbles: string, values?: ObservableValues, error?: unknown): void;
}

export interface VirtualStage {
  /** Give it to whatever takes time. */
  readonly scheduler: SchedulerLike;
  /** Milliseconds since the beginning. */
  now(): number;
  /** Resolves after so many milliseconds. @throws RxshimError `invalidArgument` for less than none. */
  sleep(ms: number): Promise<void>;
  /** Does something at that millisecond. @throws RxshimError `invalidArgument` for one that has passed. */
  at(ms: number, act: () => void): void;
  /** A system of this stage. @throws RxshimError `invalidArgument` for mistakes in its scripts. */
  system(options?: Omit<SimulatedOptions, 'scheduler'>): SimulatedSystem;
  /** Follows an exec from now on. */
  expectLife(exec: Exec): LifeExpectation;
  /** Follows every exec of a task from now on, also those that are made later. */
  expectLives(task: Pick<Task, 'id' | 'execs$'>): LivesExpectation;
  /** The events that go out from now on. */
  expectEvents(source: { readonly events$: Observable<TaskEvent> }): LinesExpectation;
  /** All that was asked of a system. */
  expectAsked(system: SimulatedSystem): LinesExpectation;
  /** What it tells from now on: it is subscribed to at once. */
  expectObservable(source$: Observable<unknown>): ObservableExpectation;
}

export interface VirtualTimeOptions {
  /** The story must be told by then, in milliseconds. Default: a day. */
  readonly until?: number;
  /**
   * How long time goes on at the most when the story is told, in milliseconds. Default: an hour. What goes on for ever
   * gets no more than 10,000 instants of it.
   */
  readonly afterwards?: number;
}
