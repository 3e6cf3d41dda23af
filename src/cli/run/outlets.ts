/**
 * Where a run writes its own messages, besides the output of the command.
 */
import type { Logger } from '../../index.js';
import type { EventsFile } from './events-file.js';

export type Annotate = (
  attributes: Readonly<Record<string, string | number | readonly string[]>>,
  failure?: string,
) => void;

export interface Outlets {
  readonly warn: (line: string) => void;
  readonly log?: Logger;
  readonly events: EventsFile | undefined;
  /** Sets attributes of the span of the run, if there is one; `failure` makes its status an error. */
  readonly annotate?: Annotate | undefined;
}
