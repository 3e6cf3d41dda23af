/**
 * Formats a fact as a line for people, on outputs that are no terminal. Events are left out: the states say the same.
 */
import { endingOf } from './ending.js';
import type { Fact } from './facts.js';
import { type Paint, plain } from './paint.js';
import { exactTime } from './time-text.js';

/** `  12.3ms  web       running   pid 4242`. `undefined` for a fact without a line. */
export const factLine = (fact: Fact, names = 8, paint: Paint = plain): string | undefined => {
  const words = wordsOf(fact);
  if (words === undefined || fact.kind === 'event') return undefined;
  const [word, more] = words;
  const time = exactTime(fact.at).padStart(9);
  return `${paint('dim', time)}  ${fact.exec.padEnd(names)}  ${word.padEnd(9)}${more && ` ${more}`}`.trimEnd();
};

const wordsOf = (fact: Fact): readonly [word: string, more: string] | undefined => {
  switch (fact.kind) {
    case 'state': {
      const { phase, via, pid } = fact.state;
      // A forced exit, by this program or after the grace period of a stop.
      if (via === 'forceExit') return ['kill', ''];
      // The other states come with a milestone, which has more details.
      if (phase === 'created' || phase === 'starting') return [phase, ''];
      return phase === 'running' ? [phase, `pid ${pid}`] : undefined;
    }
    case 'asked':
      return [fact.to, fact.what];
    case 'exit':
      return ['exit', `${fact.exit.status}  ${endingOf(fact.exit)}${fact.exit.forced ? ' (forced)' : ''}`];
    case 'drained':
      return ['drained', fact.truncated ? 'truncated' : ''];
    case 'released':
      return ['released', ''];
    case 'event':
      return undefined;
  }
};
