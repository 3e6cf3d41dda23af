/** Makes a plan smaller as long as the same rule is broken: first what can be left out is, then times become shorter. */
import type { ProcessFault, SimulationPlan, SystemFault } from './plan.js';

/** More runs than this are not worth the wait. */
const maxRuns = 400;

export const shrink = async (
  plan: SimulationPlan,
  fails: (plan: SimulationPlan) => Promise<boolean>,
): Promise<SimulationPlan> => {
  let smallest = trimmed(plan);
  for (let runs = 0, found = true; found; ) {
    found = false;
    for (const candidate of smallerThan(smallest)) {
      if (runs >= maxRuns) return smallest;
      runs += 1;
      if (!(await fails(candidate))) continue;
      smallest = trimmed(candidate);
      found = true;
      break;
    }
  }
  return smallest;
};

/** The boldest first. */
function* smallerThan(plan: SimulationPlan): Generator<SimulationPlan> {
  const { unsubscribeAt: at, systems, processes } = plan;
  if (systems.some(isFault)) yield { ...plan, systems: [] };
  if (processes.some(isFault)) yield { ...plan, processes: [] };
  if (at !== undefined) yield { ...plan, unsubscribeAt: undefined };
  for (const list of without(processes)) yield { ...plan, processes: list };
  for (const list of without(systems)) yield { ...plan, systems: list };
  if (at !== undefined) for (const less of lessThan(at, 0)) yield { ...plan, unsubscribeAt: less };
  for (const list of sooner(processes)) yield { ...plan, processes: list };
  for (const list of sooner(systems)) yield { ...plan, systems: list };
}

function* without<F>(faults: readonly (F | null)[]): Generator<readonly (F | null)[]> {
  for (const [place, fault] of faults.entries()) if (isFault(fault)) yield replaced(faults, place, null);
}

function* sooner<F extends ProcessFault | SystemFault>(
  faults: readonly (F | null)[],
): Generator<readonly (F | null)[]> {
  for (const [place, fault] of faults.entries()) {
    if (fault === null || !('after' in fault)) continue;
    for (const after of lessThan(fault.after, 1)) yield replaced(faults, place, { ...fault, after });
  }
}

function* lessThan(ms: number, least: number): Generator<number> {
  for (const less of new Set([least, ms >> 1, ms - 1])) if (less >= least && less < ms) yield less;
}

const isFault = <F>(fault: F | null): fault is F => fault !== null;

/** Without what changes nothing at the end of its lists. */
const trimmed = (plan: SimulationPlan): SimulationPlan => ({
  ...plan,
  systems: withoutEnd(plan.systems),
  processes: withoutEnd(plan.processes),
});

const withoutEnd = <F>(faults: readonly (F | null)[]): readonly (F | null)[] =>
  faults.slice(
    0,
    faults.reduce((end, fault, place) => (isFault(fault) ? place + 1 : end), 0),
  );

const replaced = <F>(faults: readonly (F | null)[], at: number, by: F | null): readonly (F | null)[] =>
  faults.map((fault, place) => (place === at ? by : fault));
