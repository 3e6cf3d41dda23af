/**
 * Whether the client would ever send what a host sent in a session; and if not, why not.
 */
import { guestId, protocolVersion } from '../../src/hcs/guest/protocol/constants.js';
import { type Fields, isFields } from '../../src/hcs/guest/protocol/json.js';
import { type RequestName, requestName } from '../../src/hcs/guest/protocol/message-types.js';
import { fieldsOf, parsed } from './message.js';
import type { RecordedFrame, Session } from './session.js';

/** The first reason why the client would not send what was sent. */
export const unproducible = ({ timeline }: Session): string | undefined => {
  /** Containers by the ids of the requests for them. */
  const created = new Map<bigint, string>();
  let negotiated = false;
  for (const event of timeline) {
    if (event.kind !== 'frame') continue;
    if (!event.fromHost) {
      // The name of a container that was refused is free again.
      if (refuses(event, 'create')) created.delete(event.id);
      continue;
    }
    const name = requestName(event.type);
    if (name === undefined) return `a message of unknown type 0x${event.type.toString(16)}`;
    const why = whyNot(name, event.body);
    if (why !== undefined) return `${name}: ${why}`;
    if ((name === 'negotiateProtocol') === negotiated)
      return negotiated ? 'a second negotiation' : `${name} before the negotiation`;
    negotiated = true;
    const id = String(fieldsOf(event.body)?.['ContainerId']);
    if (name !== 'create') continue;
    if ([...created.values()].includes(id)) return `a second container ${id}`;
    created.set(event.id, id);
  }
  return undefined;
};

const refuses = ({ type, body }: RecordedFrame, name: RequestName): boolean =>
  requestName(((type & 0x0fffffff) | 0x10000000) >>> 0) === name && fieldsOf(body)?.['Result'] !== 0;

type Check = (value: unknown) => boolean;
const number: Check = (value) => Number.isInteger(value);
const jsonText: Check = (value) => typeof value === 'string' && isFields(parsed(value));
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const shapes: Readonly<Record<RequestName, Readonly<Record<string, Check>>>> = {
  negotiateProtocol: {
    MinimumVersion: (value) => value === protocolVersion,
    MaximumVersion: (value) => value === protocolVersion,
  },
  create: {
    ContainerConfig: (value) => {
      const config = jsonText(value) ? (parsed(value as string) as Fields) : {};
      const version = config['SchemaVersion'];
      return isFields(version) && version['Major'] === 2 && version['Minor'] === 1;
    },
  },
  start: {},
  shutdownGraceful: {},
  shutdownForced: {},
  executeProcess: {
    Settings: (value) =>
      isFields(value) &&
      jsonText(value['ProcessParameters']) &&
      isFields(value['VsockStdioRelaySettings']) &&
      wellFormed(parsed(value['ProcessParameters'] as string) as Fields),
  },
  waitForProcess: { ProcessId: number, TimeoutInMs: number },
  signalProcess: {
    ProcessId: number,
    Options: optional((value) => isFields(value) && number(value['Signal'])),
  },
  resizeConsole: { ProcessId: number, Height: number, Width: number },
  getProperties: { Query: (value) => typeof value === 'string' },
  modifySettings: { Request: isFields },
  dumpStacks: {},
  deleteContainerState: {},
};

const wellFormed = ({ OciProcess: spec }: Fields): boolean =>
  spec === undefined || (isFields(spec) && (spec['args'] === undefined || Array.isArray(spec['args'])));

const common = new Set(['ContainerId', 'ActivityId', 'otsc', 'ocsc']);

const whyNot = (name: RequestName, body: Uint8Array): string | undefined => {
  const fields = fieldsOf(body);
  if (fields === undefined) return 'its body is no object';
  if (typeof fields['ContainerId'] !== 'string') return 'it names no container';
  const { ActivityId } = fields;
  if (ActivityId !== undefined && ActivityId !== guestId) return 'its activity is not that of the client';
  const shape = shapes[name];
  for (const field of Object.keys(fields)) {
    if (!common.has(field) && !(field in shape)) return `it has a field ${field}`;
  }
  for (const [field, holds] of Object.entries(shape)) {
    if (!holds(fields[field])) return `its ${field} is missing, or none that the client sends`;
  }
  return undefined;
};
