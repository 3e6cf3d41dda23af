/** The faults of a scenario: which call goes wrong, how, and how often. */
import { idOf, type Scenario, type SimEvent } from './scenario.js';

export type Fault = Extract<SimEvent, { kind: 'fault' }>;

export interface Faults {
  /** Looks a fault up and uses it up. */
  take(exec: string, call: string): Fault | undefined;
  /** From here on nothing goes wrong. */
  heal(): void;
  readonly healed: () => boolean;
}

export const faultsOf = ({ events }: Scenario): Faults => {
  const faults = events
    .filter((event) => event.kind === 'fault')
    .map((fault) => ({ fault, exec: idOf(fault.exec), left: fault.times }));
  let healed = false;
  return {
    take: (exec, call) => {
      if (healed) return undefined;
      for (const one of faults) {
        if (one.left > 0 && one.exec === exec && one.fault.call === call) {
          one.left -= 1;
          return one.fault;
        }
      }
      return undefined;
    },
    heal: () => {
      healed = true;
    },
    healed: () => healed,
  };
};
