/** The events of containers by short names: `start`, or `exec-started EXEC` for those of an exec. */
import { eventTypes } from '../../spec/support/containerd/events.js';
import { type Envelope, unpack } from '../../src/shim/messages/index.js';

export interface NamedEvent {
  readonly id: string;
  readonly name: string;
  /** Of an exit. */
  readonly status: number | undefined;
}

/** `undefined` for what is no event of a container. */
export const nameOf = ({ topic, event }: Envelope): NamedEvent | undefined => {
  if (!topic.startsWith('/tasks/')) return undefined;
  const message = eventTypes.map((type) => unpack(type, event)).find((found) => found !== undefined);
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
