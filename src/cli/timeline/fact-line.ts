/** A fact as a line for people, for outputs that are no terminal. Events say nothing that the states do not. */
import { endingOf } from './ending.js';
import type { Fact } from './facts.js';
import { type Paint, plain } from './paint.js';
import { exactTime } from './time-text.js';

/** `  12.3ms  web       running   pid 4242`; `undefined` for what needs no line. */
export const factLine = (fact: Fact, names = 8, paint: Paint = plain): string | undefined => {
  const told = tell(fact);
  if (told === undefined || fact.kind === 'event') return undefined;
  const [word, more] = told;
  const time = exactTime(fact.at).padStart(9);
  return `${paint('dim', time)}  ${fact.exec.padEnd(names)}  ${word.padEnd(9)}${more && ` ${more}`}`.trimEnd();
};

const tell = (fact: Fact): readonly [word: string, more: string] | undefined => {
  switch (fact.kind) {
    case 'state': {
      const { phase, via, pid } = fact.state;
      // By whoever lost patience: this program, or a stop whose grace is over.
      if (via === 'forceExit') return ['kill', ''];
      // The others come with a milestone, which says more.
      if (phase === 'created' || phase === 'starting') return [phase, ''];
      return phase === 'running' ? [phase, `pid ${pid}`] : undefined;
    }
    case 'asked':
      return [fact.to, fact.what];
    case 'exit':
      return ['exit', `${fact.exit.status}  ${endingOf(fact.exit)}${fact.exit.forced ? ' (given up)' : ''}`];
    case 'drained':
      return ['drained', fact.truncated ? 'truncated' : ''];
    case 'released':
      return ['released', ''];
    case 'event':
      return undefined;
  }
};
