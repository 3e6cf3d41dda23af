/** Whether calls came as expected: the same ones, and in an order that was seen. */
import { isDeepStrictEqual } from 'node:util';
import { type Call, callName, type ExpectedCall, type Step } from './vector.js';

export interface CallDifferences {
  readonly missing: readonly ExpectedCall[];
  readonly unexpected: readonly Call[];
  /** All calls came, but of these two the later one came first. */
  readonly swapped: readonly [earlier: ExpectedCall, later: ExpectedCall] | undefined;
}

export type SameResult = (expected: unknown, actual: unknown) => boolean;

export const matchCalls = (
  { calls: expected, unordered, optional }: Step,
  seen: readonly Call[],
  sameResult: SameResult,
): CallDifferences => {
  const same = (wanted: Call, call: Call): boolean =>
    callName(wanted) === callName(call) &&
    isDeepStrictEqual(wanted.args, call.args) &&
    (wanted.obj !== 'api' || sameResult(wanted.result, call.result));

  const missing = [...expected];
  const unexpected: Call[] = [];
  const actual: Call[] = [];
  for (const call of seen) {
    const index = missing.findIndex((wanted) => same(wanted, call));
    if (index >= 0) {
      missing.splice(index, 1);
      actual.push(call);
    } else if (!optional.some((other) => same(other, call))) unexpected.push(call);
  }
  if (missing.length > 0 || unexpected.length > 0) return { missing, unexpected, swapped: undefined };

  const free = new Set(unordered.flatMap(([a, b]) => [`${a},${b}`, `${b},${a}`]));
  const mayPass = (later: ExpectedCall, earlier: ExpectedCall) => free.has(`${earlier.id},${later.id}`);
  let swapped: CallDifferences['swapped'];
  // Each call takes the place of an expected one that may overtake all that are still to come before it. Where equal
  // calls leave a choice, every choice is tried.
  const fits = (left: readonly ExpectedCall[], at: number): boolean => {
    const call = actual[at];
    if (call === undefined) return true;
    return left.some((wanted, place) => {
      if (!same(wanted, call)) return false;
      const overtaken = left.slice(0, place).find((earlier) => !mayPass(wanted, earlier));
      if (overtaken === undefined)
        return fits(
          left.filter((other) => other !== wanted),
          at + 1,
        );
      swapped ??= [overtaken, wanted];
      return false;
    });
  };
  return { missing: [], unexpected: [], swapped: fits(expected, 0) ? undefined : swapped };
};
