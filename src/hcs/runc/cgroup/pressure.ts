/**
 * Pressure stall information (PSI): the share of time in which some, or all, processes of a cgroup waited for a resource.
 */
import { readText } from './read.js';

/** How long some, and how long all, processes of a cgroup waited for a resource. */
export interface Pressure {
  readonly some: Stalls | undefined;
  readonly full: Stalls | undefined;
}

/** Percentages over the last 10, 60 and 300 seconds, and microseconds in all. */
export interface Stalls {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly total: bigint;
}

/** `undefined` where the kernel does not count it. */
export const pressure = (directory: string, resource: 'cpu' | 'memory' | 'io'): Pressure | undefined => {
  const text = readText(directory, `${resource}.pressure`);
  if (text === undefined) return undefined;
  return { some: stalls(text, 'some'), full: stalls(text, 'full') };
};

/** The line `some avg10=0.00 avg60=1.25 avg300=0.40 total=123456`. */
const stalls = (text: string, kind: string): Stalls | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${kind} `));
  if (line === undefined) return undefined;
  const fields = new Map(line.split(' ').map((word) => word.split('=') as [string, string]));
  const average = (name: string): number => Number(fields.get(name)) || 0;
  return {
    avg10: average('avg10'),
    avg60: average('avg60'),
    avg300: average('avg300'),
    total: BigInt(fields.get('total') ?? 0),
  };
};
