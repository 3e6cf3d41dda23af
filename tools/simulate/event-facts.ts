/** The fields of an event, whatever its type: its exec, process and status. */
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
/** Milliseconds since the epoch; -1 where it reports no exit. */
export const exitedAtIn = (event: TaskEvent): number =>
  'exitedAt' in event ? (event.exitedAt?.getTime() ?? -1) : -1;
export const statusIn = (event: TaskEvent): number => ('exitStatus' in event ? event.exitStatus : -1);
