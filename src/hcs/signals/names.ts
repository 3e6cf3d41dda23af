/**
 * The 34 names of the 31 standard Linux signals (on x86 and ARM), without the `SIG` prefix.
 *
 * The signal table of a system decides which of them it accepts, and in which spelling.
 */

// If two names share a number, the canonical one comes first.
const table = [
  ['HUP', 1],
  ['INT', 2],
  ['QUIT', 3],
  ['ILL', 4],
  ['TRAP', 5],
  ['ABRT', 6],
  ['IOT', 6],
  ['BUS', 7],
  ['FPE', 8],
  ['KILL', 9],
  ['USR1', 10],
  ['SEGV', 11],
  ['USR2', 12],
  ['PIPE', 13],
  ['ALRM', 14],
  ['TERM', 15],
  ['STKFLT', 16],
  ['CHLD', 17],
  ['CLD', 17],
  ['CONT', 18],
  ['STOP', 19],
  ['TSTP', 20],
  ['TTIN', 21],
  ['TTOU', 22],
  ['URG', 23],
  ['XCPU', 24],
  ['XFSZ', 25],
  ['VTALRM', 26],
  ['PROF', 27],
  ['WINCH', 28],
  ['IO', 29],
  ['POLL', 29],
  ['PWR', 30],
  ['SYS', 31],
] as const satisfies readonly (readonly [string, number])[];

/** A standard Linux signal, named as by `kill -l`. */
export type SignalName = (typeof table)[number][0];

/** The number of each name. */
export const signalNumbers: ReadonlyMap<string, number> = new Map(table);

// A Map keeps the last of two entries with one key: reversed, that is the canonical name.
const canonicalNames: ReadonlyMap<number, SignalName> = new Map(
  table.map(([name, number]) => [number, name] as const).reverse(),
);

/** The canonical name of a standard signal. `undefined` for any other number. */
export const signalName = (signal: number): SignalName | undefined => canonicalNames.get(signal);

/** The number of a standard signal, by its exact name in upper case. `undefined` for any other text. */
export const signalNumber = (name: string): number | undefined => signalNumbers.get(name);
