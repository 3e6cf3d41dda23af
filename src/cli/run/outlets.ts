/**
 * Where a run writes its own messages, besides the output of the command.
 */
import type { Logger } from '../../index.js';
import type { EventsFile } from './events-file.js';

export interface Outlets {
  readonly warn: (line: string) => void;
  readonly log?: Logger;
  readonly events: EventsFile | undefined;
}
