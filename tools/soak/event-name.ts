/** The events of containers by short names: `start`, or `exec-started EXEC` for those of an exec. */
import {
  type Envelope,
  type MessageType,
  TaskCreate,
  TaskDelete,
  TaskExecAdded,
  TaskExecStarted,
  TaskExit,
  TaskOOM,
  TaskPaused,
  TaskResumed,
  TaskStart,
  unpack,
} from '../../src/shim/messages/index.js';

export interface NamedEvent {
  readonly id: string;
  readonly name: string;
  /** Of an exit. */
  readonly status: number | undefined;
}

const types: readonly MessageType<unknown>[] = [
  TaskCreate,
  TaskStart,
  TaskExit,
  TaskDelete,
  TaskExecAdded,
  TaskExecStarted,
  TaskPaused,
  TaskResumed,
  TaskOOM,
];

/** `undefined` for what is no event of a container. */
export const nameOf = ({ topic, event }: Envelope): NamedEvent | undefined => {
  if (!topic.startsWith('/tasks/')) return undefined;
  const message = types.map((type) => unpack(type, event)).find((found) => found !== undefined);
  if (message === undefined) return undefined;
  const fields = message as Readonly<Record<string, unknown>>;
  const id = String(fields['containerId']);
  const process = String(fields['execId'] ?? fields['id'] ?? '');
  const kind = topic.slice('/tasks/'.length);
  return {
    id,
    name: process === '' || process === id ? kind : `${kind} ${process}`,
    status: kind === 'exit' ? Number(fields['exitStatus']) : undefined,
  };
};
