/**
 * Makes a failing scenario smaller: leaves out what it can do without, as long as the same sentence is broken.
 *
 * What is left out is tried in halves, quarters and so on, down to single events; then the order of same-instant actions
 * is made the plain one if that still fails, and times are moved to the beginning.
 */
import { runScenario } from './check.js';
import { minimiser } from './minimiser.js';
import type { Scenario, SimEvent } from './scenario.js';

const withoutUnsubscribing = ({
  unsubscribesAt,
  ...event
}: Extract<SimEvent, { kind: 'command' }>): SimEvent => event;

/** The same event, plainer; the plainest first. */
const simplerThan = (event: SimEvent): readonly SimEvent[] => {
  switch (event.kind) {
    case 'command':
      return [
        withoutUnsubscribing(event),
        ...[0, 1, 5].filter((at) => at < event.at).map((at) => ({ ...event, at })),
      ];
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

const quick = ({ lags: _, ...scenario }: Scenario): Scenario => scenario;
const plain = ({ background: _, listens: __, ...scenario }: Scenario): Scenario => scenario;

export const minimise = minimiser<Scenario>({ runScenario, plainer: [quick, plain], simplerThan });
