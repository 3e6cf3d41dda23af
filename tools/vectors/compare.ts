/** What was seen against what is expected, as lines that a reader can act on. */
import { isDeepStrictEqual } from 'node:util';
import { type CallDifferences, matchCalls } from './match-calls.js';
import type { Observation, Observed } from './observe.js';
import { type Call, callName, isCommand, type Snapshot, type Step, type Vector } from './vector.js';

/** The differences, one paragraph for each step that differs. None when the vector holds. */
export const compare = (vector: Vector, { initial, steps }: Observation): string[] => {
  const paragraphs = [paragraph('at first', compareSnapshots(vector.initial, initial))];
  for (const [index, step] of vector.steps.entries()) {
    const observed = steps[index];
    const lines = observed === undefined ? ['was not reached'] : compareStep(vector, step, observed);
    paragraphs.push(paragraph(title(step, index), lines));
  }
  return paragraphs.filter((text) => text !== '');
};

const compareStep = (vector: Vector, step: Step, observed: Observed): string[] => {
  const same = sameResult(vector);
  const results = isCommand(step) || step.op === 'join';
  return [
    ...(results && !same(step.result, observed.result) ? unlike('result', step.result, observed.result) : []),
    ...compareSnapshots(step.after, observed.after),
    ...callLines(matchCalls(step, observed.calls, same), step.calls, observed.calls),
  ];
};

/** Texts of injected errors are the harness's own way to print them; only plain ones are known for certain. */
const sameResult =
  ({ setup }: Vector) =>
  (expected: unknown, actual: unknown): boolean => {
    const wanted = errorOf(expected);
    const got = errorOf(actual);
    if (wanted?.kind !== 'other' || got?.kind !== 'other') return isDeepStrictEqual(expected, actual);
    return !Object.values(setup.faults).includes(wanted.message) || wanted.message === got.message;
  };

const errorOf = (result: unknown): { kind: string; message: string } | undefined =>
  (result as { error?: { kind: string; message: string } | null } | undefined)?.error ?? undefined;

const compareSnapshots = (expected: Snapshot, actual: Snapshot): string[] => [
  ...unlessEqual('state', expected.state, actual.state),
  ...unlessEqual('pid', expected.pid, actual.pid),
  ...unlessEqual('status', expected.status, actual.status),
  ...unlessEqual('waitReleased', expected.waitReleased, actual.waitReleased),
  ...unlessEqual('pending', [...expected.pending].sort(), [...actual.pending].sort()),
  ...unlessEqual('data', expected.data, actual.data),
];

const unlessEqual = (name: string, expected: unknown, actual: unknown): string[] => {
  if (isDeepStrictEqual(expected, actual)) return [];
  if (!isRecord(expected) || !isRecord(actual)) return unlike(name, expected, actual);
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return keys.flatMap((key) => unlessEqual(`${name}.${key}`, expected[key], actual[key]));
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const callLines = (
  { missing, unexpected, swapped }: CallDifferences,
  expected: readonly Call[],
  actual: readonly Call[],
): string[] => {
  const lines = [
    ...missing.map((call) => `call       - ${callText(call)} is missing`),
    ...unexpected.map((call) => `call       + ${callText(call)} is not expected`),
  ];
  if (swapped) lines.push(`order      ${callText(swapped[0])} must come before ${callText(swapped[1])}`);
  if (lines.length === 0) return [];
  return [...lines, ...unlike('calls', expected.map(callText).join(', '), actual.map(callText).join(', '))];
};

const callText = (call: Call): string => {
  const details = [call.args, call.obj === 'api' ? call.result : undefined].filter(
    (value) => value !== undefined,
  );
  return [callName(call), ...details.map((value) => JSON.stringify(value))].join(' ');
};

const unlike = (name: string, expected: unknown, actual: unknown): string[] => [
  `${name.padEnd(10)} expected ${show(expected)}`,
  `${''.padEnd(10)}   actual ${show(actual)}`,
];

const show = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');

const title = ({ op, args, as }: Step, index: number): string => {
  const details = Object.keys(args).length === 0 ? '' : ` ${JSON.stringify(args)}`;
  return `step ${index + 1}, ${op}${details}${as === undefined ? '' : ` (${as})`}`;
};

const paragraph = (heading: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : [heading, ...lines.map((line) => `  ${line}`)].join('\n');
