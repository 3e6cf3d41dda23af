/** An event in one line, as tests expect it. */
import type { TaskEvent } from '../streams/events.js';

/** `TaskExit job-1 0`: what, of which exec (nothing for the init), and the status of an end. */
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
