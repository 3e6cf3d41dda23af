/**
 * Reads the files of a cgroup. A missing file is no error: kernels differ in what they count.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of a file, or `undefined` if it does not exist. */
export const readText = (directory: string | undefined, name: string): string | undefined => {
  if (directory === undefined) return undefined;
  try {
    return readFileSync(join(directory, name), 'utf8').trim();
  } catch {
    return undefined;
  }
};

/** A number; `max` stands for `unlimited`. */
export const readCount = (
  directory: string | undefined,
  name: string,
  unlimited = 0n,
): bigint | undefined => {
  const text = readText(directory, name);
  return text === 'max' ? unlimited : count(text);
};

/** The lines `name number` of a file; the numbers of a missing file are all `undefined`. */
export const readCounts = (
  directory: string | undefined,
  name: string,
): ReadonlyMap<string, bigint> | undefined => {
  const text = readText(directory, name);
  if (text === undefined) return undefined;
  return new Map(
    text.split('\n').flatMap((line): [string, bigint][] => {
      const [key = '', value] = line.split(/\s+/);
      const number = count(value);
      return number === undefined ? [] : [[key, number]];
    }),
  );
};

/** The lines that start with a device number, `major:minor`, split into words. */
export const readDevices = (
  directory: string | undefined,
  name: string,
): { readonly major: bigint; readonly minor: bigint; readonly words: readonly string[] }[] | undefined =>
  readText(directory, name)
    ?.split('\n')
    .flatMap((line) => {
      const [, major, minor, rest = ''] = /^(\d+):(\d+)\s*(.*)$/.exec(line) ?? [];
      if (major === undefined || minor === undefined) return [];
      return [{ major: BigInt(major), minor: BigInt(minor), words: rest.split(/\s+/) }];
    });

export const count = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^\d+$/.test(text) ? BigInt(text) : undefined;

/** An object with these counters, `under_scored` names as `camelCased`. A counter that the kernel lacks is 0. */
export const counters = <K extends string>(
  counted: ReadonlyMap<string, bigint>,
  names: readonly K[],
): { [N in K as Camel<N>]: bigint } =>
  Object.fromEntries(names.map((name) => [camel(name), counted.get(name) ?? 0n])) as {
    [N in K as Camel<N>]: bigint;
  };

/** A name of the kernel (`nr_throttled`) in camel case (`nrThrottled`). */
export type Camel<S extends string> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
