/**
 * Formats a fact as a line of JSON. Each has `time` (ISO 8601), `at` (milliseconds since the program's clock began),
 * `task` and `fact` (its kind); the rest depends on the kind.
 */
import { messageOf } from '../../hcs/failures/errors.js';
import type { ExecExit } from '../../index.js';
import type { Fact } from './facts.js';

/** @param origin the start of the clock, in milliseconds since the epoch. */
export const factJson = (fact: Fact, task: string, origin: number): string =>
  JSON.stringify({
    time: new Date(origin + fact.at).toISOString(),
    at: Math.round(fact.at * 1_000) / 1_000,
    task,
    fact: fact.kind,
    ...fieldsOf(fact),
  });

const fieldsOf = (fact: Fact): object => {
  switch (fact.kind) {
    case 'state': {
      const { state, phase, via, pid } = fact.state;
      return { exec: fact.exec, state, phase, via, pid };
    }
    case 'exit':
      return { exec: fact.exec, ...exitFields(fact.exit) };
    case 'drained':
      return { exec: fact.exec, truncated: fact.truncated };
    case 'released':
      return { exec: fact.exec };
    case 'asked':
      return { exec: fact.exec, to: fact.to, what: fact.what };
    case 'event': {
      const { topic, type, ...fields } = fact.event;
      return { topic, type, ...fields };
    }
  }
};

const exitFields = ({ at: _, ...exit }: ExecExit): object =>
  exit.kind === 'startFailed' ? { ...exit, error: messageOf(exit.error) } : exit;
