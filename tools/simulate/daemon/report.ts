/** A verdict on a daemon for readers: the scenario, what happened, and what should not have. */
import type { DaemonVerdict } from './check.js';
import type { DaemonEvent, DaemonScenario } from './scenario.js';
import { daemonLineOf } from './trace.js';

export const report = (
  { log, violation }: DaemonVerdict,
  { seed, ties, events, healAt, linger, version }: DaemonScenario,
): void => {
  console.log(
    `seed ${seed}, order of same-instant actions ${ties === 0 ? 'as they come' : ties}, faults end at ${healAt} ms, linger ${linger} ms, task service version ${version}`,
  );
  for (const event of events) console.log(`  ${wordsFor(event)}`);
  console.log('');
  for (const entry of log.trace) console.log(daemonLineOf(entry));
  if (violation !== undefined) console.log(`\nVIOLATED  ${violation.sentence}\n          ${violation.what}`);
};

const wordsFor = (event: DaemonEvent): string => {
  if (event.kind === 'below') return `c${event.c}: ${JSON.stringify(event.event)}`;
  const { kind, ...facts } = event;
  return `${kind} ${JSON.stringify(facts)}`;
};
