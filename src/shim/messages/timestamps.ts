/** Points in time: JavaScript's milliseconds, and the seconds and nanoseconds of the wire. */
import type { Timestamp } from './generated/timestamp.js';

/** Go's zero time: the beginning of year one. containerd 1.6 requires it where a time is not known. */
export const zeroTime: Timestamp = { seconds: -62_135_596_800, nanos: 0 };

export const toTimestamp = (time: Date): Timestamp => {
  const milliseconds = time.getTime();
  const seconds = Math.floor(milliseconds / 1_000);
  return { seconds, nanos: (milliseconds - seconds * 1_000) * 1_000_000 };
};

/** The time meant, to the millisecond; `undefined` for an absent time and for Go's zero. */
export const fromTimestamp = (timestamp: Timestamp | undefined): Date | undefined => {
  if (timestamp === undefined || timestamp.seconds === zeroTime.seconds) return undefined;
  return new Date(timestamp.seconds * 1_000 + Math.floor(timestamp.nanos / 1_000_000));
};

/** A time that may not be known yet. */
export const timestampOf = (time: Date | undefined): Timestamp =>
  time === undefined ? zeroTime : toTimestamp(time);
