/** Makes a failing scenario of the daemon smaller. */
import { minimiser } from '../minimiser.js';
import { runScenario } from './check.js';
import type { DaemonEvent, DaemonScenario, Manner } from './scenario.js';

const plainly = ({ deadline }: Manner): Manner => ({ deadline, repeats: 0 });

/** The same event, plainer; the plainest first. */
const simplerThan = (event: DaemonEvent): readonly DaemonEvent[] => {
  switch (event.kind) {
    case 'container': {
      const { lags: _, ...quick } = event;
      const plain = {
        ...quick,
        create: plainly(event.create),
        start: plainly(event.start),
        delete: plainly(event.delete),
        lives: 1,
      };
      return [{ ...plain, at: 0, createAfter: 0 }, plain, { ...quick, delete: event.delete }];
    }
    case 'call':
      return [{ ...event, manner: plainly(event.manner) }];
    case 'below':
    case 'event':
      return [];
    default:
      return [];
  }
};

const healedAt =
  (healAt: number) =>
  (scenario: DaemonScenario): DaemonScenario => ({ ...scenario, healAt: Math.min(scenario.healAt, healAt) });
const plain = (scenario: DaemonScenario): DaemonScenario => ({ ...scenario, linger: 0, version: 2 });

export const minimise = minimiser<DaemonScenario>({
  runScenario,
  plainer: [healedAt(200_000), healedAt(2_000), plain],
  simplerThan,
});
