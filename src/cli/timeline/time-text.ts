/**
 * Formats durations for people.
 */

/** For an axis, where times are round: `0`, `200ms`, `1.5s`, `2m`, `1h30m`. */
export const shortTime = (ms: number): string => {
  if (ms === 0) return '0';
  if (ms < 1_000) return `${ms}ms`;
  if (ms < 60_000) return `${trimmed(ms / 1_000, 2)}s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor((ms % 60_000) / 1_000);
  if (minutes >= 60) return `${Math.floor(minutes / 60)}h${minutes % 60 ? `${minutes % 60}m` : ''}`;
  return `${minutes}m${seconds ? `${seconds}s` : ''}`;
};

/** To a tenth of a millisecond below a second, otherwise to a millisecond: `12.3ms`, `4.201s`, `2m05.1s`. */
export const exactTime = (ms: number): string => {
  const tenths = Math.round(ms * 10) / 10;
  if (tenths < 1_000) return `${tenths.toFixed(1)}ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(3)}s`;
  return `${Math.floor(ms / 60_000)}m${((ms % 60_000) / 1_000).toFixed(1).padStart(4, '0')}s`;
};

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));
