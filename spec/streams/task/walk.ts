/** Every state that the lifecycle table of a task allows: breadth first over all facts, until no new state appears. */
import type { ErrorData } from '../../../src/streams/error-data.js';
import type { Fact } from '../../../src/streams/task/state/fact.js';
import { type EffectName, everywhere, lifecycle } from '../../../src/streams/task/state/lifecycle.js';
import { reduce } from '../../../src/streams/task/state/reduce.js';
import { initialState, type State } from '../../../src/streams/task/state/state.js';

const error: ErrorData = { name: 'Error', kind: 'unknown', message: 'no' };

/** One fact of each kind; two where two requests may differ. Record keeps the list whole. */
const payloads: { readonly [T in Fact['type']]: readonly Fact[] } = {
  opened: [{ type: 'opened' }],
  created: [{ type: 'created' }],
  createFailed: [{ type: 'createFailed', error }],
  cancelled: [{ type: 'cancelled' }],
  discarded: [{ type: 'discarded' }],
  announced: [{ type: 'announced' }],
  announceFailed: [{ type: 'announceFailed', error }],
  initExited: [{ type: 'initExited' }],
  initReleased: [{ type: 'initReleased' }],
  requested: [{ type: 'requested', deadline: 30 }],
  containerGone: [{ type: 'containerGone', deadline: 30 }],
  timedOut: [{ type: 'timedOut', deadline: 30 }],
  execsReleased: [{ type: 'execsReleased' }],
  containerClosed: [{ type: 'containerClosed' }],
  exitPublished: [{ type: 'exitPublished' }],
  deleteRequested: [
    { type: 'deleteRequested', by: 1 },
    { type: 'deleteRequested', by: 2 },
  ],
  removed: [{ type: 'removed' }],
  removalFailed: [{ type: 'removalFailed', error }],
  deletePublished: [{ type: 'deletePublished' }],
  killSent: [{ type: 'killSent', deadline: 30 }],
  survivorTerminated: [{ type: 'survivorTerminated' }],
  execClaimed: [{ type: 'execClaimed', id: 'a', by: 3 }],
  execAdded: [{ type: 'execAdded', id: 'a' }],
  execForgotten: [{ type: 'execForgotten', id: 'a' }],
};

export const facts: readonly Fact[] = Object.values(payloads).flat();

export interface Step {
  readonly from: State;
  readonly fact: Fact;
  readonly to: State;
  readonly effects: readonly EffectName[];
}

export interface Walk {
  readonly states: readonly State[];
  /** Every fact in every state, also those that change nothing. */
  readonly steps: readonly Step[];
}

export const walk = (): Walk => {
  const seen = new Map<string, State>([[JSON.stringify(initialState), initialState]]);
  const steps: Step[] = [];
  for (const from of seen.values()) {
    for (const fact of facts) {
      const to = reduce(from, fact);
      const asked = lifecycle[from.phase][fact.type]?.effects ?? everywhere[fact.type] ?? [];
      steps.push({ from, fact, to, effects: to === from ? [] : asked });
      const key = JSON.stringify(to);
      if (!seen.has(key)) seen.set(key, to);
    }
  }
  return { states: [...seen.values()], steps };
};
