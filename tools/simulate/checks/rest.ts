/** What a world must not leave behind. */
import type { Check } from './check-of.js';

export const nothingUnhandled: Check = ({ container }) => container.broken[0]?.stream;

export const nothingLeft: Check = ({ leftovers = [], restless }) =>
  restless ? 'it went round in circles' : leftovers.length > 0 ? leftovers.join(', ') : undefined;
