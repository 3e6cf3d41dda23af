/**
 * Formats an event as one line, as tests expect it.
 */
import type { TaskEvent } from '../../streams/events.js';

/** `TaskExit job-1 0`: the event, the exec (omitted for the init), and the exit status. */
export const eventLine = (event: TaskEvent): string => {
  switch (event.type) {
    case 'TaskExecAdded':
    case 'TaskExecStarted':
      return `${event.type} ${event.execId}`;
    case 'TaskExit':
      return `${event.type}${event.id === event.containerId ? '' : ` ${event.id}`} ${event.exitStatus}`;
    case 'TaskDelete':
      return `${event.type}${event.id === '' ? '' : ` ${event.id}`} ${event.exitStatus}`;
    default:
      return event.type;
  }
};
