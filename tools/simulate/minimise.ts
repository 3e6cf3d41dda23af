/**
 * Makes a failing scenario smaller: leaves out what it can do without, as long as the same sentence is broken.
 *
 * What is left out is tried in halves, quarters and so on, down to single events; then the order of same-instant actions
 * is made the plain one if that still fails, and times are moved to the beginning.
 */
import { runScenario } from './check.js';
import type { Scenario, SimEvent } from './scenario.js';

/** Other orders of same-instant actions are tried as well: leaving something out shifts all later choices. */
const otherTies = 12;
/** But not while there is much to run. */
const few = 16;

export const minimise = async (scenario: Scenario): Promise<Scenario> => {
  const { violation } = await runScenario(scenario);
  if (violation === undefined) return scenario;
  const { sentence } = violation;

  const failing = async (candidate: Scenario): Promise<Scenario | undefined> => {
    const most = candidate.events.length > few ? 0 : otherTies;
    for (let ties = -1; ties <= most; ties += 1) {
      const tried = ties === -1 ? candidate : { ...candidate, ties };
      if ((await runScenario(tried)).violation?.sentence === sentence) return tried;
    }
    return undefined;
  };

  let smallest = scenario;
  const attempt = async (candidate: Scenario): Promise<boolean> => {
    const found = await failing(candidate);
    if (found !== undefined) smallest = found;
    return found !== undefined;
  };

  for (let size = Math.ceil(smallest.events.length / 2); size >= 1; ) {
    let left = false;
    for (let from = 0; from < smallest.events.length; ) {
      const events = smallest.events.filter((_, at) => at < from || at >= from + size);
      if (await attempt({ ...smallest, events })) left = true;
      else from += size;
    }
    // Single events once more as long as that helps: one may have been needed by another that is gone now.
    if (size > 1) size = Math.ceil(size / 2);
    else if (!left) break;
  }
  const { lags: _, ...quick } = smallest;
  await attempt(quick);
  const { background: __, listens: ___, ...plain } = smallest;
  await attempt(plain);
  await attempt({ ...smallest, ties: 0 });
  for (let at = 0; at < smallest.events.length; at += 1) {
    for (const simpler of simplerThan(smallest.events[at] as SimEvent)) {
      const events = smallest.events.map((event, place) => (place === at ? simpler : event));
      if (await attempt({ ...smallest, events })) break;
    }
  }
  return smallest;
};

const patient = ({ givesUp, ...event }: Extract<SimEvent, { kind: 'command' }>): SimEvent => event;

/** The same event, plainer; the plainest first. */
const simplerThan = (event: SimEvent): readonly SimEvent[] => {
  switch (event.kind) {
    case 'command':
      return [patient(event), ...[0, 1, 5].filter((at) => at < event.at).map((at) => ({ ...event, at }))];
    case 'life': {
      const plain = { ...event, holds: 0, flows: false };
      return [{ ...plain, end: { kind: 'code', code: 0 } }, plain, { ...event, flows: false }];
    }
    case 'fault':
      return event.times === 1 ? [] : [{ ...event, times: 1 }];
    default:
      return [];
  }
};
