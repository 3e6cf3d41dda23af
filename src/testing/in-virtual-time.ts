/** The stage for a test of what is built on rxshim: simulated systems, virtual time, and what is expected at the end. */
import type { Observable, SchedulerLike } from 'rxjs';
import {
  type SimulatedOptions,
  type SimulatedSystem,
  simulatedSystem,
} from '../hcs/simulated/simulated-system.js';
import type { TaskEvent } from '../streams/events.js';
import type { Exec } from '../streams/exec/exec-interface.js';
import type { Task } from '../streams/task/task-interface.js';
import { eventLine } from './event-line.js';
import { type LifeValues, sameLife, sameLines } from './expect-life.js';
import { type LifeMoment, lifeOf } from './life.js';
import { virtualClock } from './virtual-time.js';

/** An expectation is checked when the test is over, whatever is said after it. */
export interface LifeExpectation {
  /**
   * `c` created, `r` running, `x` or a digit its exit and the status, `|` released; from the beginning of the test.
   *
   * @example expectLife(task.init).toBe('c-r---(x|)', { x: 137 })
   */
  toBe(marbles: string, values?: LifeValues): void;
}

export interface LivesExpectation {
  /** By the ids of the execs; all that there were. */
  toBe(lives: Readonly<Record<string, string>>, values?: LifeValues): void;
}

export interface LinesExpectation {
  /** One line each, with its time: `'3 ms TaskExit job-1 0'`. */
  toBe(lines: readonly string[]): void;
}

export interface VirtualStage {
  /** Give it to whatever takes time. */
  readonly scheduler: SchedulerLike;
  /** Milliseconds since the beginning. */
  now(): number;
  /** Resolves after so many milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Does something at that millisecond. */
  at(ms: number, act: () => void): void;
  /** A system of this stage. */
  system(options?: Omit<SimulatedOptions, 'scheduler'>): SimulatedSystem;
  /** Follows an exec from now on. */
  expectLife(exec: Exec): LifeExpectation;
  /** Follows every exec of a task from now on, also those that are made later. */
  expectLives(task: Pick<Task, 'id' | 'execs$'>): LivesExpectation;
  /** The events that go out from now on. */
  expectEvents(source: { readonly events$: Observable<TaskEvent> }): LinesExpectation;
  /** All that was asked of a system. */
  expectAsked(system: SimulatedSystem): LinesExpectation;
}

export interface VirtualTimeOptions {
  /** Time does not go on beyond this, in milliseconds. Default: a day. */
  readonly until?: number;
}

const day = 86_400_000;

/**
 * Runs a test in virtual time. Resolves with what the story returns, when nothing is left to happen and all that was
 * expected is so; rejects with what the story throws, or with an `ExpectationError`. For any test runner.
 *
 * @example
 * await inVirtualTime(async ({ system, scheduler, expectLife }) => {
 *   const task = await createTask({ id: 't', system: system({ processes: { web: 'r--(x|)' } }), scheduler, spec });
 *   expectLife(task.init).toBe('r--(x|)');
 *   await task.init.start();
 * });
 */
export const inVirtualTime = async <T>(
  story: (stage: VirtualStage) => T | PromiseLike<T>,
  { until = day }: VirtualTimeOptions = {},
): Promise<T> => {
  const { scheduler, run } = virtualClock();
  const checks: (() => void)[] = [];
  const now = (): number => scheduler.now();

  const stage: VirtualStage = {
    scheduler,
    now,
    sleep: (ms) => new Promise((resolve) => void scheduler.schedule(() => resolve(), ms)),
    at: (ms, act) => void scheduler.schedule(act, ms - now()),
    system: (options = {}) => simulatedSystem({ ...options, scheduler }),
    expectLife: (exec) => {
      const life = lifeOf(exec, now);
      return {
        toBe: (marbles, values) => checks.push(() => sameLife(`'${exec.id}'`, life, marbles, values)),
      };
    },
    expectLives: ({ execs$ }) => {
      const lives = new Map<string, readonly LifeMoment[]>();
      execs$.subscribe((exec) => lives.set(exec.id, lifeOf(exec, now)));
      return {
        toBe: (expected, values) => {
          checks.push(() => {
            sameLines('other execs were there than expected', [...lives.keys()], Object.keys(expected));
            for (const [id, marbles] of Object.entries(expected))
              sameLife(`'${id}'`, lives.get(id) ?? [], marbles, values);
          });
        },
      };
    },
    expectEvents: ({ events$ }) => {
      const lines: string[] = [];
      events$.subscribe((event) => lines.push(`${now()} ms ${eventLine(event)}`));
      return { toBe: (expected) => checks.push(() => sameLines('other events went out', lines, expected)) };
    },
    expectAsked: (system) => ({
      toBe: (expected) =>
        checks.push(() => {
          const lines = system.asked.map(({ at, what }) => `${at} ms ${what}`);
          sameLines('something else was asked of the system', lines, expected);
        }),
    }),
  };

  const told = await run(() => story(stage), until);
  for (const check of checks) check();
  return told;
};
