/** Where a run says what it has to say besides the command's own output. */
import type { Logger } from '../../index.js';
import type { EventsFile } from './events-file.js';

export interface Outlets {
  readonly warn: (line: string) => void;
  readonly log?: Logger;
  readonly events: EventsFile | undefined;
}
