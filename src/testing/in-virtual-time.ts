/** The stage for a test of what is built on rxshim: simulated systems, virtual time, and what is expected at the end. */
import type { SchedulerLike } from 'rxjs';
import { invalid } from '../hcs/failures/errors.js';
import { requireOptions } from '../hcs/simulated/check.js';
import { diaryOf, standstill } from '../hcs/simulated/diary.js';
import { allOf, withExpectations } from './expectation-error.js';
import { expectations } from './expectations.js';
import type { Life } from './life.js';
import type { VirtualStage, VirtualTimeOptions } from './stage.js';
import { stageOf } from './stage-of.js';
import { hearUnhandled } from './unhandled.js';
import { virtualClock } from './virtual-time.js';

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Runs a test in virtual time. Resolves with what the story returns, when nothing is left to happen and all that was
 * expected is so. Rejects with what the story throws, below it what was expected until then and is not so; or with an
 * `ExpectationError`, or with an error for a story that waits for what never comes or lets no time pass. For any test
 * runner.
 *
 * @example
 * await inVirtualTime(async ({ system, scheduler, expectLife }) => {
 *   const task = await createTask({ id: 't', system: system({ processes: { web: 'r--(x|)' } }), scheduler, spec });
 *   expectLife(task.init).toBe('(cr)(x|)');
 *   await task.init.start();
 * });
 */
export const inVirtualTime = async <T>(
  story: (stage: VirtualStage) => T | PromiseLike<T>,
  options: VirtualTimeOptions = {},
): Promise<T> => {
  if (typeof story !== 'function') throw invalid('story', story, 'a function');
  requireOptions('options', options, ['until', 'afterwards']);
  const { until = day, afterwards = hour } = options;
  requireBound('until', until);
  requireBound('afterwards', afterwards);

  const { scheduler, run } = virtualClock();
  const expected = expectations();
  const { followed, ...stage } = stageOf(scheduler, expected);
  let failure: { readonly error: unknown } | undefined;
  const stopHearing = hearUnhandled((error) => (failure ??= { error }));
  try {
    const told = await run(() => story(stage), {
      until,
      afterwards,
      failure: () => failure,
      untold: (why) => untold(why, scheduler, followed),
    });
    const wrong = expected.close(true);
    if (wrong.length > 0) failure = { error: allOf(wrong) };
    else return told;
  } catch (error) {
    const meant = isOverflow(error) ? overflow(scheduler, error) : error;
    failure = { error: withExpectations(meant, expected.close(false), stage.now()) };
  } finally {
    stopHearing();
  }
  throw failure.error;
};

const requireBound = (field: string, ms: number): void => {
  if (!(ms >= 0)) throw invalid(field, ms, 'milliseconds, from 0');
};

/** rxjs repeats at once by calls within each other: the stack is full before too much was asked. */
const isOverflow = (error: unknown): boolean =>
  error instanceof RangeError && /call stack/.test(error.message);

const overflow = (scheduler: SchedulerLike, error: unknown): Error =>
  standstill(
    scheduler.now(),
    'more calls within each other than the stack takes',
    diaryOf(scheduler).last,
    error,
  );

/** A story that is not told, and what is known of that. */
const untold = (why: string, scheduler: SchedulerLike, followed: readonly Life[]): Error => {
  const { unanswered, unscripted } = diaryOf(scheduler);
  const known: readonly [string, readonly string[]][] = [
    ['not answered', [...unanswered]],
    ['followed', followed.map(({ id, phase }) => `'${id}' ${phase ?? 'not heard of'}`)],
    ['without a script, so they run until they are ended', [...unscripted].map((name) => name || 'an init')],
  ];
  const told = known.flatMap(([what, list]) => (list.length === 0 ? [] : [`  ${what}: ${list.join(', ')}`]));
  return new Error(
    [
      why,
      '',
      ...told,
      '  Was the scheduler of the stage given to createTask, and to all else that takes time?',
    ].join('\n'),
  );
};
