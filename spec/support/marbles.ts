/**
 * The TestScheduler of rxjs, with failures that can be read: frames are drawn as the marbles they came from.
 */
import { expect } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';

interface Frame {
  readonly frame: number;
  readonly notification: {
    readonly kind: 'N' | 'E' | 'C';
    readonly value?: unknown;
    readonly error?: unknown;
  };
}

/** What was seen, one moment a line: when, what, and how it ended. */
export const draw = (seen: unknown): string => {
  if (!Array.isArray(seen)) return JSON.stringify(seen);
  if (seen.length === 0) return 'nothing';
  return seen.map((moment) => (isFrame(moment) ? drawFrame(moment) : drawSubscription(moment))).join('\n');
};

const isFrame = (moment: unknown): moment is Frame =>
  typeof moment === 'object' && moment !== null && 'notification' in moment;

const drawFrame = ({ frame, notification: { kind, value, error } }: Frame): string => {
  const what = kind === 'C' ? '|' : kind === 'E' ? `# ${textOf(error)}` : textOf(value);
  return `${String(frame).padStart(6)} ms  ${what}`;
};

const drawSubscription = (log: { subscribedFrame: number; unsubscribedFrame: number }): string =>
  `${String(log.subscribedFrame).padStart(6)} ms  ^ … ${log.unsubscribedFrame === Infinity ? 'for ever' : `! ${log.unsubscribedFrame} ms`}`;

const textOf = (value: unknown): string =>
  value instanceof Error
    ? `${value.name}: ${value.message}`
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

/** Equal as jest sees it; what differs is shown as marbles. */
export const sameMarbles = (actual: unknown, expected: unknown): void => {
  try {
    expect(actual).toEqual(expected);
  } catch {
    expect(draw(actual)).toBe(draw(expected));
    // Drawn the same, and yet not equal: show it all.
    expect(actual).toEqual(expected);
  }
};

export const marbles = (): TestScheduler => new TestScheduler(sameMarbles);

type RunHelpers = Parameters<Parameters<TestScheduler['run']>[0]>[0];

/** Runs a spec in virtual time. `scheduler` is that of the marbles: one column is one millisecond. */
export const inMarbles = <T>(spec: (helpers: RunHelpers & { readonly scheduler: TestScheduler }) => T): T => {
  const scheduler = marbles();
  return scheduler.run((helpers) => spec({ ...helpers, scheduler }));
};
