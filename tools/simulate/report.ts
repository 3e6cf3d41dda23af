/** A verdict for readers: the scenario, what happened, and what should not have. */
import type { Verdict } from './check.js';
import { idOf, type Scenario, type SimEvent } from './scenario.js';
import { lineOf } from './trace.js';

export const report = (
  { log, violation }: Verdict,
  { seed, ties, events, healAt, drain, system, unsubscribesAt, bounds, lags, background }: Scenario,
): void => {
  console.log(
    `seed ${seed}, order of same-instant actions ${ties === 0 ? 'as they come' : ties}, faults end at ${healAt} ms, drain ${JSON.stringify(drain)}`,
  );
  if (system === 'leaves') console.log('  the container leaves something with its runtime');
  if (system === 'holds') console.log('  the container is made, with its init, before it is started');
  if (unsubscribesAt !== undefined)
    console.log(`  at ${unsubscribesAt} ms the caller of the task unsubscribes`);
  if (bounds !== undefined) console.log(`  bounds ${JSON.stringify(bounds)}`);
  if (lags !== undefined) console.log(`  lags ${JSON.stringify(lags)}`);
  if (background) console.log('  signals are sent in the background');
  for (const event of events) console.log(`  ${wordsFor(event)}`);
  console.log('');
  for (const entry of log.trace) console.log(lineOf(entry));
  if (violation !== undefined) console.log(`\nVIOLATED  ${violation.sentence}\n          ${violation.what}`);
};

const ms = (time: number): string => (time === -1 ? 'for ever' : `${time} ms`);

const wordsFor = (event: SimEvent): string => {
  switch (event.kind) {
    case 'command':
      return `at ${event.at} ms ${event.name} ${idOf(event.exec)}${event.value === 0 ? '' : ` ${event.value}`}${event.unsubscribesAt === undefined ? '' : `, waiting no longer than ${event.unsubscribesAt} ms`}`;
    case 'life':
      return `${idOf(event.exec)} lasts ${ms(event.lasts)}, ends with ${Object.values(event.end).join(' ')}, its output ${ms(event.holds)} later`;
    case 'stdio':
      return `${idOf(event.exec)} writes ${event.chunks} chunks, one each ${event.every} ms, to a reader that is ${event.sink} (${event.ms} ms); stdin: ${event.stdin}`;
    case 'tree':
      return `${idOf(event.exec)} starts others, which last ${ms(event.lasts)}${event.deaf ? ' and take no notice of SIGTERM' : ''}`;
    case 'terminal':
      return `${idOf(event.exec)} has a terminal`;
    case 'deaf':
      return `${idOf(event.exec)} takes no notice of ${event.to === 'all' ? 'any signal' : 'SIGTERM'}`;
    case 'crash':
      return `at ${event.at} ms the process of ${idOf(event.exec)} is killed by somebody else`;
    case 'fault':
      return `${event.call} of ${idOf(event.exec)}: ${event.does}, ${event.ms} ms, ${event.times === 99 ? 'always' : `${event.times} times`}`;
    case 'gone':
      return `at ${event.at} ms the container goes (${event.how})${event.orphans ? ', and no exit of its processes is reported' : ''}`;
  }
};
