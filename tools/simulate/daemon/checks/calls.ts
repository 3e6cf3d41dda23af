/** Checks of calls: that each is answered, in time, and not after what concerns others. */
import { type Check, eachCall } from './check-of.js';

/** What a quiet container takes for anything that it is asked, in milliseconds: its lags together are shorter. */
const soon = 200;

/** Exactly one answer, or the loss of the connection. */
export const oneAnswer: Check = eachCall(({ received, sent, lost }) => {
  if (sent.length > 1) return `${sent.length} answers`;
  if (received !== undefined && sent.length === 0 && lost === undefined) return 'no answer';
  if (received === undefined && sent.length > 0) return 'answered before it was asked';
  return undefined;
});

export const withinDeadline: Check = eachCall(({ received, sent: [sent], lost, deadline }) => {
  if (received === undefined || deadline === 0) return undefined;
  const end = sent?.at ?? lost?.at ?? Number.POSITIVE_INFINITY;
  return end > received.at + deadline
    ? `${end - received.at} ms after it was asked, with ${deadline} ms`
    : undefined;
});

export const readsNeverWait: Check = eachCall(({ name, received, sent: [sent], lost }) => {
  if ((name !== 'state' && name !== 'connect') || received === undefined) return undefined;
  const end = sent ?? lost;
  return end?.at === received.at ? undefined : `not answered at once`;
});

/** A container without faults is served, whatever other containers do. */
export const waitsForNoOther: Check = eachCall(({ c, name, received, sent: [sent], lost }, log) => {
  if (name === 'wait' || received === undefined || log.faulty(c) || log.vanishes(c)) return undefined;
  const end = sent?.at ?? lost?.at ?? Number.POSITIVE_INFINITY;
  return end - received.at > soon ? `${end - received.at} ms, though nothing of c${c} is slow` : undefined;
});
