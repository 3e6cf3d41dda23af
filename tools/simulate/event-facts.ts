/** What an event says, whatever its type: whom it is about, and of what process and status it tells. */
import type { TaskEvent } from '../../src/streams/events.js';

/** The exec that it is about; the id of the task for its init. */
export const execOf = (event: TaskEvent): string => {
  switch (event.type) {
    case 'TaskExecAdded':
    case 'TaskExecStarted':
      return event.execId;
    case 'TaskExit':
      return event.id;
    case 'TaskDelete':
      return event.id === '' ? event.containerId : event.id;
    default:
      return event.containerId;
  }
};

export const pidOf = (event: TaskEvent): number => ('pid' in event ? event.pid : 0);
/** Milliseconds since the epoch; -1 where it tells of no end. */
export const exitedAtIn = (event: TaskEvent): number =>
  'exitedAt' in event ? (event.exitedAt?.getTime() ?? -1) : -1;
export const statusIn = (event: TaskEvent): number => ('exitStatus' in event ? event.exitStatus : -1);
