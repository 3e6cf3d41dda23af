/**
 * Parses a duration: `500ms`, `10s`, `2m`, `1h`, or a plain number of seconds.
 */

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, '': 1_000 };

/** The longest delay of a timer. */
const longest = 2 ** 31 - 1;

/** In milliseconds. `undefined` if it is invalid or exceeds the limit of timers (24 days). */
export const parseDuration = (text: string): number | undefined => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const ms = Math.round(Number(amount) * (units[unit] as number));
  return ms <= longest ? ms : undefined;
};
