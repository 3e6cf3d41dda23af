/**
 * Adds the place to a failure of the Host Compute Service: the operation, the system and the process.
 *
 * The invariants: an error never gets the same kind of place twice, the wrapped error stays reachable as `cause`, and
 * the text has the form that people search for in the logs of the original.
 */
import { findInChain } from './chain.js';
import { messageOf } from './errors.js';
import { mayPass, type NetworkError, ranOutOfTime } from './network.js';
import { type HcsEvent, hcsEventText } from './result.js';

/** The place of a failure. Its kind follows from the fields that are set. */
export type HcsPlace =
  | { readonly kind: 'hcs'; readonly op: string }
  | { readonly kind: 'system'; readonly op: string; readonly systemId: string }
  | { readonly kind: 'process'; readonly op: string; readonly systemId: string; readonly pid: number };

/** A failure with its place. */
export interface HcsError extends Error, NetworkError {
  readonly place: HcsPlace;
  readonly events: readonly HcsEvent[];
  readonly cause: unknown;
}

/** A failure of an operation on no particular system: `<op>: <cause>`, then each event on its own line. */
export const hcsError = (op: string, cause: unknown, events?: readonly HcsEvent[]): Error =>
  placed({ kind: 'hcs', op }, cause, events);

/** A failure of an operation on a system: `<op> <systemId>: <cause>`, then the events. */
export const systemError = (
  op: string,
  systemId: string,
  cause: unknown,
  events?: readonly HcsEvent[],
): Error => placed({ kind: 'system', op, systemId }, cause, events);

/** A failure of an operation on a process: `<op> <systemId>:<pid>: <cause>`, then the events. */
export const processError = (
  op: string,
  systemId: string,
  pid: number,
  cause: unknown,
  events?: readonly HcsEvent[],
): Error => placed({ kind: 'process', op, systemId, pid }, cause, events);

/** Whether the error itself is one of these, of any kind of place or of the given one. */
export const isHcsError = (error: unknown, kind?: HcsPlace['kind']): error is HcsError => {
  if (!(error instanceof Error)) return false;
  const { place } = error as Partial<HcsError>;
  return place !== undefined && (kind === undefined || place.kind === kind);
};

const names = { hcs: 'HcsError', system: 'SystemError', process: 'ProcessError' } as const;

const placed = (place: HcsPlace, cause: unknown, events: readonly HcsEvent[] = []): Error => {
  const already = findInChain(cause, (link): link is HcsError => isHcsError(link, place.kind));
  if (already && cause instanceof Error) return cause;
  const text = [`${where(place)}: ${messageOf(cause)}`, ...events.map(hcsEventText)].join('\n');
  const error = new Error(text, { cause });
  // Methods are hidden from logs of the error.
  Object.defineProperties(error, {
    name: { value: names[place.kind] },
    timeout: { value: () => ranOutOfTime(cause) },
    temporary: { value: () => mayPass(cause) },
  });
  return Object.assign(error, { place, events });
};

const where = (place: HcsPlace): string => {
  if (place.kind === 'hcs') return place.op;
  return `${place.op} ${place.systemId}${place.kind === 'process' ? `:${place.pid}` : ''}`;
};
