/**
 * Runs an orchestrator through one plan, in virtual time: until it ends or is unsubscribed from, and then until all that
 * it may still do is done. Then it is looked at what is left.
 */
import { defer, isObservable, type Subscription } from 'rxjs';
import { diaryOf } from '../../hcs/simulated/diary.js';
import { exact } from '../../hcs/simulated/script.js';
import { createTask } from '../../streams/task/task.js';
import { onUnhandled } from '../unhandled.js';
import { virtualClock } from '../virtual-time.js';
import type { Orchestrator, SimulateOptions } from './options.js';
import type { SimulationPlan } from './plan.js';
import { randomFrom } from './random.js';
import { rules, type Violation } from './violation.js';
import { initOfTask, type World, worldOf } from './world.js';

/** The result of one run of a simulation. */
export interface PlanOutcome {
  /** The first rule that was broken, if any. */
  readonly violation: Violation | undefined;
  readonly story: readonly string[];
  readonly processes: number;
  readonly end: 'completed' | 'failed' | 'unsubscribed';
}

/** Calls at one instant: what loops is run many times to make it smaller. */
const maxAtOnce = 300;

type Settings = Required<Pick<SimulateOptions, 'duration' | 'settle' | 'mustEnd' | 'programs'>> & {
  readonly invariant: SimulateOptions['invariant'] | undefined;
};

export const runPlan = async (
  orchestrator: Orchestrator,
  plan: SimulationPlan,
  { duration, settle, mustEnd, programs, invariant }: Settings,
): Promise<PlanOutcome> => {
  const { scheduler, run } = virtualClock();
  diaryOf(scheduler, maxAtOnce);
  const now = (): number => exact(scheduler.now());
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => void scheduler.schedule(() => resolve(), ms));
  const emitted: unknown[] = [];
  let violation: Violation | undefined;
  let end: PlanOutcome['end'] = 'unsubscribed';
  const violated = (rule: keyof typeof rules, details: string): void => {
    if (violation !== undefined) return;
    violation = { sentence: rules[rule], details: `${details} (at ${now()} ms)` };
    world.note(`!! ${details}`);
  };
  const check = (): void => {
    if (invariant === undefined || violation !== undefined) return;
    const wrong = invariant({ running: world.running(), emitted, now: now() });
    if (wrong !== undefined) violated('invariant', wrong);
  };
  const world: World = worldOf({ plan, programs, scheduler, changed: check });

  const live = async (): Promise<void> => {
    const task = await createTask({
      id: 'task',
      system: world.first,
      scheduler,
      spec: { args: [initOfTask] },
    });
    await task.init.start();
    const controller = new AbortController();
    const random = randomFrom(plan.seed ^ 0x5eed);
    let promised: Promise<unknown> | undefined;
    let subscription: Subscription | undefined;
    const ended = new Promise<void>((resolve) => {
      const over = (how: 'completed' | 'failed', why = '') => {
        if (end === 'unsubscribed' && !controller.signal.aborted) {
          end = how;
          world.note(`-- it ${how}${why}`);
        }
        resolve();
      };
      subscription = defer(() => {
        const source = orchestrator({
          task,
          system: world.others,
          scheduler,
          random: () => random.below(2 ** 30) / 2 ** 30,
          abortSignal: controller.signal,
        });
        if (!isObservable(source) && typeof (source as PromiseLike<unknown>).then === 'function')
          promised = Promise.resolve(source as PromiseLike<unknown>);
        return source;
      }).subscribe({
        next: (value) => {
          emitted.push(value);
          world.note(`-- it emits ${brief(value)}`);
          check();
        },
        error: (error) => over('failed', `: ${brief(error)}`),
        complete: () => over('completed'),
      });
      const wantsEnd = plan.unsubscribeAt === undefined && mustEnd;
      scheduler.schedule(() => {
        if (end === 'unsubscribed' && wantsEnd) violated('ends', `it has not ended after ${duration} ms`);
        resolve();
      }, plan.unsubscribeAt ?? duration);
    });
    await ended;
    if (end === 'unsubscribed') {
      world.note('-- it is unsubscribed from');
      subscription?.unsubscribe();
      controller.abort();
    }
    let settled = promised === undefined;
    promised?.then(
      () => (settled = true),
      () => (settled = true),
    );
    await sleep(settle);
    const [left] = world.running();
    if (left !== undefined) violated('running', `${left.command} still runs, started at ${left.since} ms`);
    const [exec] = task.execs;
    if (exec !== undefined) violated('execs', `${exec.id} is ${exec.state} and not deleted`);
    const [system] = world.open();
    if (system !== undefined) violated('systems', `${system} is not deleted`);
    if (!settled) violated('settles', 'its promise is still pending');
  };

  const failures: unknown[] = [];
  const stopListening = onUnhandled((error) => failures.push(error));
  const rejected = (error: unknown): void => void failures.push(error);
  process.on('unhandledRejection', rejected);
  try {
    await run(live, {
      until: Number.POSITIVE_INFINITY,
      afterwards: 0,
      failure: () => undefined,
      unfinished: (why) => new Error(why),
    });
  } catch (error) {
    violated('time', (error as Error).message);
  } finally {
    stopListening();
    process.off('unhandledRejection', rejected);
  }
  if (failures.length > 0) violated('unhandled', brief(failures[0]));
  return { violation, story: world.story(), processes: world.processes(), end };
};

/** A value in a few words. */
const brief = (value: unknown): string => {
  if (value instanceof Error) return value.message;
  const text =
    typeof value === 'object' && value !== null && 'kind' in value
      ? Object.entries(value)
          .filter(isPlain)
          .map(([name, part]) => (name === 'kind' ? part : `${name} ${part}`))
          .join(', ')
      : typeof value === 'string'
        ? value
        : (JSON.stringify(value) ?? String(value));
  return text.length <= 100 ? text : `${text.slice(0, 97)}...`;
};

const isPlain = ([, part]: [string, unknown]): boolean =>
  ['string', 'number', 'boolean'].includes(typeof part);
