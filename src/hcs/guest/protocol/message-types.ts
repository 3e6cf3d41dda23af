/**
 * The types of messages and their numbers.
 *
 * A type has four bits for its kind, eight for its category, twelve for its number and eight for its version. An answer
 * has the type of its request except for the kind.
 */

/** The top four bits of a type. */
export const messageKind = { request: 1, response: 2, notification: 3 } as const;

/** The requests that a Linux guest serves. */
export const requestTypes = {
  create: 0x10100101,
  start: 0x10100201,
  shutdownGraceful: 0x10100301,
  shutdownForced: 0x10100401,
  executeProcess: 0x10100501,
  waitForProcess: 0x10100601,
  signalProcess: 0x10100701,
  resizeConsole: 0x10100801,
  getProperties: 0x10100901,
  modifySettings: 0x10100a01,
  negotiateProtocol: 0x10100b01,
  dumpStacks: 0x10100c01,
  deleteContainerState: 0x10100d01,
} as const;

export type RequestName = keyof typeof requestTypes;

/** The only notification: a container has ended. */
export const containerNotification = 0x30100101;

const names = new Map<number, RequestName>(
  Object.entries(requestTypes).map(([name, type]) => [type, name as RequestName]),
);

/** The request with this type. `undefined` if there is none. */
export const requestName = (type: number): RequestName | undefined => names.get(type);

export const kindOfMessage = (type: number): number => type >>> 28;

/** The type of the answer to a message. A guest answers unknown types too. */
export const responseTo = (type: number): number => ((type & 0x0fffffff) | 0x20000000) >>> 0;

/** A type in readable form. */
export const typeText = (type: number): string => requestName(type) ?? `0x${type.toString(16)}`;
