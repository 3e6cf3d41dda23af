/**
 * The entry point for tests of programs built on rxshim: simulated systems, virtual time, and expectations that are
 * checked at the end.
 */
import type { SchedulerLike } from 'rxjs';
import { invalid } from '../hcs/failures/errors.js';
import { requireOptions } from '../hcs/simulated/check.js';
import { diaryOf, standstill } from '../hcs/simulated/diary.js';
import { allOf, withExpectations } from './expect/error.js';
import { expectations } from './expect/expectations.js';
import type { VirtualHarness, VirtualTimeOptions } from './harness.js';
import { harnessOf } from './harness-of.js';
import type { Life } from './marbles/life.js';
import { onUnhandled } from './unhandled.js';
import { virtualClock } from './virtual-time.js';

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Runs a test in virtual time, with any test runner. Resolves with the result of the test function, once nothing is
 * left to happen and all expectations are met. Rejects with the error of the test function, followed by the
 * expectations that have failed until then; with an `ExpectationError`; or with an error for a test that waits for ever
 * or lets no time pass.
 *
 * @example
 * await inVirtualTime(async ({ system, scheduler, expectLife }) => {
 * const task = await createTask({ id: 't', system: system({ processes: { web: 'r--(x|)' } }), scheduler, spec });
 * expectLife(task.init).toBe('(cr)(x|)');
 * await task.init.start();
 * });
 */
export const inVirtualTime = async <T>(
  test: (harness: VirtualHarness) => T | PromiseLike<T>,
  options: VirtualTimeOptions = {},
): Promise<T> => {
  if (typeof test !== 'function') throw invalid('test', test, 'a function');
  requireOptions('options', options, ['until', 'afterwards']);
  const { until = day, afterwards = hour } = options;
  requireBound('until', until);
  requireBound('afterwards', afterwards);

  const { scheduler, run } = virtualClock();
  const expected = expectations();
  const { followed, ...harness } = harnessOf(scheduler, expected);
  let failure: { readonly error: unknown } | undefined;
  const stopHearing = onUnhandled((error) => (failure ??= { error }));
  try {
    const result = await run(() => test(harness), {
      until,
      afterwards,
      failure: () => failure,
      unfinished: (why) => unfinished(why, scheduler, followed),
    });
    const wrong = expected.close(true);
    if (wrong.length > 0) failure = { error: allOf(wrong) };
    else return result;
  } catch (error) {
    const meant = isOverflow(error) ? overflow(scheduler, error) : error;
    failure = { error: withExpectations(meant, expected.close(false), harness.now()) };
  } finally {
    stopHearing();
  }
  throw failure.error;
};

const requireBound = (field: string, ms: number): void => {
  if (!(ms >= 0)) throw invalid(field, ms, 'milliseconds, from 0');
};

/** rxjs repeats synchronously by recursion, so the stack overflows before the limit of calls is reached. */
const isOverflow = (error: unknown): boolean =>
  error instanceof RangeError && /call stack/.test(error.message);

const overflow = (scheduler: SchedulerLike, error: unknown): Error =>
  standstill(scheduler.now(), 'more nested calls than the stack allows', diaryOf(scheduler).last, error);

/** The error of a test that does not end, with what is known about it. */
const unfinished = (why: string, scheduler: SchedulerLike, followed: readonly Life[]): Error => {
  const { unanswered, unscripted } = diaryOf(scheduler);
  const known: readonly [string, readonly string[]][] = [
    ['not answered', [...unanswered]],
    ['followed', followed.map(({ id, phase }) => `'${id}' ${phase ?? 'no state yet'}`)],
    ['without a script, so they run until they are killed', [...unscripted].map((name) => name || 'an init')],
  ];
  const lines = known.flatMap(([what, list]) => (list.length === 0 ? [] : [`  ${what}: ${list.join(', ')}`]));
  return new Error(
    [
      why,
      '',
      ...lines,
      '  Was the scheduler of the test passed to createTask, and to everything else that takes time?',
    ].join('\n'),
  );
};
