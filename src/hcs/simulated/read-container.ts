/**
 * Parses the script of a container: whether it can be started, and how it ends.
 */
import { invalid } from '../failures/errors.js';
import { requireOptions } from './check.js';
import { requireError } from './read-script.js';
import { type Moment, momentsOf } from './script.js';
import type { ContainerScript } from './script-options.js';

export interface ContainerProgramme {
  /** How its start is answered: `|` or `#`. Without an entry it is never answered. */
  readonly begin: Moment | undefined;
  /** How it ends, counted from its start: `x` by itself, `l` lost. */
  readonly end: Moment | undefined;
  readonly values: Readonly<Record<string, Error>>;
}

const field = 'container';

export const readContainer = (container: string | ContainerScript): ContainerProgramme => {
  if (typeof container !== 'string') requireOptions(field, container, ['life', 'values']);
  const { life, values = {} } = typeof container === 'string' ? { life: container } : container;
  requireOptions(`${field}.values`, values, ['#', 'l']);
  for (const [letter, value] of Object.entries(values)) requireError(`${field}.values.${letter}`, value);
  const [begin, end, more] = momentsOf(life, field);
  if (begin !== undefined && begin.letter !== 'r' && begin.letter !== '#')
    throw invalid(field, life, `'r' or '#' before '${begin.letter}'`);
  if (end !== undefined && (begin?.letter === '#' || (end.letter !== 'x' && end.letter !== 'l')))
    throw invalid(field, life, `'x' or 'l' after 'r', not '${end.letter}'`);
  if (more !== undefined) throw invalid(field, life, 'one end');
  return { begin: begin && { ...begin, letter: begin.letter === 'r' ? '|' : '#' }, end, values };
};
