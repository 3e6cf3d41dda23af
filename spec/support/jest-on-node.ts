/**
 * As much of jest as the specs of Windows use, over node's own test runner: under Wine jest does not run. The bundler
 * puts this in the place of `@jest/globals`.
 */
import { after, afterEach, before, beforeEach, describe as nodeDescribe, it as nodeIt } from 'node:test';
import { format } from 'node:util';

export { expect } from 'expect';
export { after as afterAll, afterEach, before as beforeAll, beforeEach };

type Body = (...args: never[]) => unknown;
type Test = (name: string, body: Body, timeout?: number) => void;

const each =
  (test: Test) =>
  (rows: readonly unknown[]) =>
  (name: string, body: Body, timeout?: number): void => {
    for (const row of rows) {
      const args = (Array.isArray(row) ? row : [row]) as never[];
      const holes = name.match(/%[sipo]/g)?.length ?? 0;
      const title = format(name.replace(/%[ip]/g, '%s'), ...args.slice(0, holes));
      test(title, () => body(...args), timeout);
    }
  };

const defaultTimeout = 60_000;
const test: Test = (name, body, timeout = defaultTimeout) =>
  void nodeIt(name, { timeout }, () => body() as Promise<void>);
const group: Test = (name, body) => void nodeDescribe(name, () => void body());

export const it = Object.assign(test, { each: each(test) });
export const describe = Object.assign(group, { each: each(group) });
