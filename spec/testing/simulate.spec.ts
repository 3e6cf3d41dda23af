/** An orchestrator in the simulation: what is wrong with it is found and made small, and what is right passes. */
import { describe, expect, it } from '@jest/globals';
import {
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  interval,
  NEVER,
  Observable,
  range,
  repeat,
  switchMap,
  timer,
} from 'rxjs';
import { createTask, pipeline, run, runTask, switchRun } from 'rxshim';
import { pool, readyWhen, rollout, supervise } from 'rxshim/orchestrate';
import { type Orchestrator, type SimulateOptions, SimulationError, simulate } from 'rxshim/testing';

type Invariant = NonNullable<SimulateOptions['invariant']>;

const found = async (orchestrator: Orchestrator, options: SimulateOptions = {}): Promise<SimulationError> => {
  const error = await simulate(orchestrator, { seeds: 300, ...options }).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (error instanceof SimulationError) return error;
  throw error ?? new Error('the simulation has found nothing');
};

const faultsOf = ({ plan: { systems, processes } }: SimulationError) =>
  [...systems, ...processes].filter((fault) => fault !== null);

describe('an orchestrator with a mistake', () => {
  it('that forgets to delete an exec when it cannot be started is found, with that one fault', async () => {
    const forgetful: Orchestrator = ({ task }) =>
      task
        .createExec({ id: 'job', spec: { args: ['job'] } })
        .pipe(switchMap((exec) => concat(exec.start(), exec.wait(), task.delete('job'))));
    const error = await found(forgetful, { programs: { job: 'r---(0|)' } });
    expect(error.rule).toBe('each exec is deleted after its end');
    expect(faultsOf(error).length + (error.plan.unsubscribeAt === undefined ? 0 : 1)).toBe(1);
  });

  it('that leaves its process running when it is unsubscribed from is found without any fault', async () => {
    const leaking: Orchestrator = ({ task }) =>
      new Observable((listener) => {
        task
          .createExec({ id: 'web', spec: { args: ['web'] } })
          .pipe(switchMap((exec) => concat(exec.start(), exec.wait(), task.delete('web'))))
          .subscribe(listener);
        // No teardown.
      });
    const error = await found(leaking);
    expect(error.rule).toBe('nothing that it started runs after its end');
    expect(faultsOf(error)).toEqual([]);
    expect(error.message).toContain('task: run web');
    expect(error.message).toContain('-- it is unsubscribed from');
  });

  it('that does not delete its own task is found', async () => {
    const leaving: Orchestrator = ({ system, scheduler }) =>
      createTask({ id: 'own', system, scheduler, spec: { args: ['job'] } }).pipe(
        switchMap((task) =>
          concat(task.init.start(), task.wait()).pipe(finalize(() => task.stop().subscribe())),
        ),
      );
    const error = await found(leaving, { programs: { job: 'r---(0|)' } });
    expect(error.rule).toBe('each container that it created is deleted after its end');
  });

  it('that starts again without a pause is found: it lets no time pass', async () => {
    const hot: Orchestrator = ({ task, scheduler }) =>
      defer(() => run(task, ['web'], { scheduler, reject: false })).pipe(repeat());
    const error = await found(hot, { programs: { web: '#' } });
    expect(error.rule).toBe('it lets time pass');
  });

  it('that starts the next before the last is gone breaks its invariant', async () => {
    const hasty: Orchestrator = ({ task, scheduler }) =>
      interval(1_000, scheduler).pipe(switchMap(() => run(task, ['web'], { scheduler })));
    const invariant: Invariant = ({ running }) => (running.length > 1 ? 'two at a time' : undefined);
    const error = await found(hasty, { invariant });
    expect(error.rule).toBe('its own invariant holds');
    const patient: Orchestrator = ({ task, scheduler }) =>
      interval(1_000, scheduler).pipe(switchRun(() => run(task, ['web'], { scheduler })));
    await simulate(patient, { invariant, seeds: 60, duration: 20_000 });
  });

  it('that waits for ever where it must end is found', async () => {
    const waiting: Orchestrator = ({ task, scheduler }) =>
      concat(run(task, ['job'], { scheduler, reject: false }), NEVER);
    expect((await found(waiting, { programs: { job: 'r-(0|)' }, mustEnd: true })).rule).toBe(
      'it ends within the time that is allowed',
    );
  });

  it('that loses an error is found', async () => {
    const careless: Orchestrator = ({ task, scheduler }) => {
      run(task, ['job'], { scheduler }).subscribe();
      return timer(100, scheduler);
    };
    const error = await found(careless, { programs: { job: 'r-(1|)' } });
    expect(error.rule).toBe('each error is handled');
  });

  it('that uses its own randomness is reported as not repeatable', async () => {
    let calls = 0;
    const fickle: Orchestrator = ({ task }) => {
      calls += 1;
      return calls % 2 === 1
        ? task.createExec({ id: 'job', spec: { args: ['job'] } }).pipe(ignoreElements())
        : EMPTY;
    };
    expect((await found(fickle)).message).toContain('uses time or randomness of its own');
  });

  it('is found again by the plan of the error', async () => {
    const leaking: Orchestrator = ({ task }) =>
      task.createExec({ id: 'web', spec: { args: ['web'] } }).pipe(switchMap((exec) => exec.start()));
    const { plan, rule, story } = await found(leaking);
    const again = await found(leaking, { plan });
    expect([again.rule, again.story, again.plan]).toEqual([rule, story, plan]);
  });
});

describe('our own operators hold in the simulation', () => {
  const programs = {
    web: ['r', 'r 300ms (1|)', 'r 5s (0|)', { life: 'r', on: { TERM: '2s (x|)' } }],
    job: ['r--(0|)', 'r 800ms (0|)', 'r---(3|)'],
    check: ['r(0|)', 'r--(0|)', 'r(1|)'],
  };
  const atMost =
    (most: number): Invariant =>
    ({ running }) =>
      running.length > most ? `${running.length} run` : undefined;

  /** More where there is time: SIMULATE_SEEDS=2000. */
  const seeds = Number(process.env.SIMULATE_SEEDS ?? 30);

  it.each<[string, Orchestrator, SimulateOptions]>([
    ['run', ({ task, scheduler }) => run(task, ['job'], { scheduler }), {}],
    ['run in a system of its own', ({ system, scheduler }) => run(system, ['job'], { scheduler }), {}],
    [
      'runTask',
      ({ system, scheduler }) =>
        runTask({ id: 't', system, scheduler, spec: { args: ['web'] } }, (task) =>
          run(task, ['job'], { scheduler, reject: false }),
        ),
      {},
    ],
    [
      'pipeline',
      ({ task, scheduler }) => pipeline(run(task, ['job'], { scheduler }), run(task, ['web'], { scheduler })),
      {},
    ],
    [
      'supervise',
      ({ task, scheduler, random }) =>
        supervise(() => run(task, ['web'], { scheduler, keepOutput: false }), { scheduler, random }),
      { invariant: atMost(1) },
    ],
    [
      'supervise with a health check',
      ({ task, scheduler, random }) =>
        supervise(() => run(task, ['web'], { scheduler }), {
          scheduler,
          random,
          health: { check: () => run(task, ['check'], { scheduler }), interval: 500, failures: 2 },
        }),
      { duration: 20_000 },
    ],
    [
      'pool',
      ({ task, scheduler, random }) =>
        range(8).pipe(
          pool(() => run(task, ['job'], { scheduler }), {
            concurrency: 3,
            timeout: 5_000,
            retries: 1,
            scheduler,
            random,
          }),
        ),
      { invariant: atMost(3) },
    ],
    [
      'rollout',
      ({ task, scheduler }) =>
        interval(2_000, scheduler).pipe(
          rollout(() =>
            readyWhen(
              run(task, ['web'], { scheduler }),
              { check: () => run(task, ['check'], { scheduler }) },
              { timeout: 3_000, scheduler },
            ),
          ),
        ),
      { duration: 20_000 },
    ],
    [
      'tasks of their own, one after the other',
      ({ system, scheduler }) =>
        from(['a', 'b', 'c']).pipe(concatMap((id) => run(system, ['job'], { id, scheduler, reject: false }))),
      {},
    ],
  ])('%s', async (_name, orchestrator, options) => {
    const report = await simulate(orchestrator, { seeds, programs, ...options });
    expect(report.runs).toBe(seeds);
    // It was worth the time: each end was met, and many faults.
    expect(report.processes).toBeGreaterThan(seeds / 2);
    expect(Object.keys(report.faults).length).toBeGreaterThan(3);
  });
});
