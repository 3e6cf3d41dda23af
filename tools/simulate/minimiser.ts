/**
 * Makes a failing scenario smaller: leaves out what it can do without, as long as the same sentence is broken.
 *
 * What is left out is tried in halves, quarters and so on, down to single events; then the order of same-instant actions
 * is made the plain one if that still fails, and the events that are left are made simpler.
 */
import type { Judged, Sized } from './subject.js';

export interface Minimising<S extends Sized> {
  readonly runScenario: (scenario: S) => Judged | Promise<Judged>;
  /** Ways to make the whole plainer. */
  readonly plainer: readonly ((scenario: S) => S)[];
  /** The same event, simpler; the simplest first. */
  readonly simplerThan: (event: S['events'][number]) => readonly S['events'][number][];
}

/** Other orders of same-instant actions are tried as well: leaving something out shifts all later choices. */
const otherTies = 12;
/** But not while there is much to run. */
const few = 16;

export const minimiser =
  <S extends Sized>({ runScenario, plainer, simplerThan }: Minimising<S>) =>
  async (scenario: S): Promise<S> => {
    const { violation } = await runScenario(scenario);
    if (violation === undefined) return scenario;
    const { sentence } = violation;

    const failing = async (candidate: S): Promise<S | undefined> => {
      const most = candidate.events.length > few ? 0 : otherTies;
      for (let ties = -1; ties <= most; ties += 1) {
        const tried = ties === -1 ? candidate : { ...candidate, ties };
        if ((await runScenario(tried)).violation?.sentence === sentence) return tried;
      }
      return undefined;
    };

    let smallest = scenario;
    const attempt = async (candidate: S): Promise<boolean> => {
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
    for (const make of plainer) await attempt(make(smallest));
    await attempt({ ...smallest, ties: 0 });
    for (let at = 0; at < smallest.events.length; at += 1) {
      for (const simpler of simplerThan(smallest.events[at])) {
        const events = smallest.events.map((event, place) => (place === at ? simpler : event));
        if (await attempt({ ...smallest, events })) break;
      }
    }
    return smallest;
  };
