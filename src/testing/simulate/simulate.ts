/**
 * Runs an orchestrator over faulty systems in virtual time, again and again, each time with other faults, and checks what
 * must hold for each: whatever goes wrong and whenever it is unsubscribed from, nothing is left behind.
 *
 * A failing run is made as small as possible, and printed with the plan that repeats it.
 */
import { invalid } from '../../hcs/failures/errors.js';
import { requireOptions } from '../../hcs/simulated/check.js';
import type { Orchestrator, SimulateOptions, SimulationReport } from './options.js';
import { planOf, type SimulationPlan } from './plan.js';
import { runPlan } from './run-plan.js';
import { shrink } from './shrink.js';
import { SimulationError } from './simulation-error.js';

const known = [
  'seeds',
  'firstSeed',
  'programs',
  'duration',
  'settle',
  'mustEnd',
  'invariant',
  'plan',
] as const satisfies readonly (keyof SimulateOptions)[];

/**
 * Resolves with what was simulated, if all runs have passed. Rejects with a `SimulationError` for the first that has not:
 * the smallest faults that break the same rule, and what happened then.
 *
 * The rules: when it has completed, failed or been unsubscribed from, no process that it started runs any more, each exec and each
 * container is deleted; it lets time pass; each error is handled; and `invariant`.
 *
 * @throws RxshimError `invalidArgument` for options that cannot be.
 * @example
 * await simulate(({ task, scheduler }) => supervise(() => run(task, ['web'], { scheduler }), { scheduler }), { seeds: 500 });
 */
export const simulate = async (
  orchestrator: Orchestrator,
  options: SimulateOptions = {},
): Promise<SimulationReport> => {
  if (typeof orchestrator !== 'function') throw invalid('orchestrator', orchestrator, 'a function');
  requireOptions('options', options, known);
  const { seeds = 200, firstSeed = 1, programs = {}, mustEnd = false, invariant } = options;
  const { duration = 60_000, settle = 60_000 } = options;
  for (const [field, value] of Object.entries({ seeds, firstSeed, duration, settle }))
    if (!Number.isSafeInteger(value) || value < 0) throw invalid(field, value, 'a whole number from 0');
  const settings = { programs, mustEnd, duration, settle, invariant };
  const plans =
    options.plan === undefined
      ? Array.from({ length: seeds }, (_, at) => planOf(firstSeed + at, duration))
      : [options.plan];

  const faults: Record<string, number> = {};
  const ends = { completed: 0, failed: 0, unsubscribed: 0 };
  let processes = 0;
  for (const plan of plans) {
    const outcome = await runPlan(orchestrator, plan, settings);
    if (outcome.violation !== undefined) {
      const { sentence } = outcome.violation;
      const fails = async (smaller: SimulationPlan): Promise<boolean> =>
        (await runPlan(orchestrator, smaller, settings)).violation?.sentence === sentence;
      if (!(await fails(plan))) throw new SimulationError(plan, outcome, 'not repeatable');
      const smallest = options.plan === undefined ? await shrink(plan, fails) : plan;
      throw new SimulationError(smallest, await runPlan(orchestrator, smallest, settings), 'repeatable');
    }
    processes += outcome.processes;
    ends[outcome.end] += 1;
    for (const fault of plan.processes.slice(0, outcome.processes))
      if (fault !== null) faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;
    for (const fault of plan.systems.slice(0, 1))
      if (fault !== null)
        faults[`the container ${fault.kind}`] = (faults[`the container ${fault.kind}`] ?? 0) + 1;
  }
  return { runs: plans.length, processes, faults, ends };
};
