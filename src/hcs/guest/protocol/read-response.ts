/**
 * Parses the body of an answer.
 *
 * As strict as the original host: a malformed answer means that the two sides are out of sync, and ends the connection.
 */
import { RxshimError } from '../../failures/errors.js';
import { type Fields, isFields, parseBody } from './json.js';
import type { ResponseBase } from './messages.js';

/** @throws RxshimError `unavailable` if it is malformed. */
export const readResponse = (body: Uint8Array): ResponseBase & Fields => {
  const response: { -readonly [name in keyof ResponseBase]: ResponseBase[name] } & Record<string, unknown> = {
    Result: 0,
  };
  for (const [name, value] of Object.entries(parsed(body))) {
    // A `null` field counts as absent, as in the original.
    if (value === null) continue;
    if (shape.get(name)?.(value) === false) throw unreadable(`${name} is ${show(value)}`);
    response[name] = value;
  }
  return response;
};

/** The container of a notification, and the activity of the request that created it. */
export interface NotifiedContainer {
  readonly ContainerId: string;
  readonly ActivityId?: string;
}

/** @throws RxshimError `unavailable` if it is no notification of a container. */
export const readNotification = (body: Uint8Array): NotifiedContainer => {
  const { ContainerId, ActivityId } = parsed(body);
  if (typeof ContainerId !== 'string') throw unreadable(`ContainerId is ${show(ContainerId)}`);
  return { ContainerId, ...(typeof ActivityId === 'string' && { ActivityId: ActivityId.toLowerCase() }) };
};

const parsed = (body: Uint8Array): Fields => {
  let document: unknown;
  try {
    document = parseBody(body);
  } catch (cause) {
    throw new RxshimError('unavailable', 'a message of the guest is no JSON', { cause });
  }
  if (!isFields(document)) throw unreadable(`the whole is ${show(document)}`);
  return document;
};

const word = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;
const text = (value: unknown): boolean => typeof value === 'string';

const shape: ReadonlyMap<string, (value: unknown) => boolean> = new Map(
  Object.entries({
    Result: (value: unknown) => Number.isInteger(value) && ((value as number) | 0) === value,
    ErrorMessage: text,
    ActivityId: (value: unknown) =>
      text(value) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value as string),
    ErrorRecords: (value: unknown) => Array.isArray(value) && value.every(isFields),
    ProcessId: word,
    ExitCode: word,
    Version: word,
    Properties: text,
    GuestStacks: text,
    Capabilities: isFields,
  }),
);

const unreadable = (what: string): RxshimError =>
  new RxshimError('unavailable', `a message of the guest cannot be read: ${what}`);

const show = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 80);
