/** An event of a task as containerd's event service takes it. */
import type { TaskEvent } from '../../streams/events.js';
import * as messages from '../messages/index.js';

/** The fields of containerd's event about its creation that the task itself does not know. */
export interface Creation {
  readonly rootfs: readonly messages.Mount[];
  readonly checkpoint: string;
}

const nothing: Creation = { rootfs: [], checkpoint: '' };

export const encodeEvent = (event: TaskEvent, creation: Creation = nothing): messages.Any => {
  const { containerId } = event;
  switch (event.type) {
    case 'TaskCreate': {
      const { bundle, io, pid } = event;
      const { rootfs, checkpoint } = creation;
      return messages.pack(messages.TaskCreate, {
        containerId,
        bundle,
        rootfs: [...rootfs],
        io: { ...io },
        checkpoint,
        pid,
      });
    }
    case 'TaskStart':
      return messages.pack(messages.TaskStart, { containerId, pid: event.pid });
    case 'TaskExecAdded':
      return messages.pack(messages.TaskExecAdded, { containerId, execId: event.execId });
    case 'TaskExecStarted':
      return messages.pack(messages.TaskExecStarted, { containerId, execId: event.execId, pid: event.pid });
    case 'TaskExit': {
      const { id, pid, exitStatus } = event;
      const exitedAt = messages.toTimestamp(event.exitedAt);
      return messages.pack(messages.TaskExit, { containerId, id, pid, exitStatus, exitedAt });
    }
    case 'TaskDelete': {
      const { id, pid, exitStatus } = event;
      const exitedAt = messages.timestampOf(event.exitedAt);
      return messages.pack(messages.TaskDelete, { containerId, id, pid, exitStatus, exitedAt });
    }
    case 'TaskPaused':
      return messages.pack(messages.TaskPaused, { containerId });
    case 'TaskResumed':
      return messages.pack(messages.TaskResumed, { containerId });
    case 'TaskOOM':
      return messages.pack(messages.TaskOOM, { containerId });
  }
};
