/** `--json`: what the command wrote and how it ended, as one object on stdout, for programs. */
import type { ExecOutcome, StdioRequest } from '../../index.js';
import { reportOf } from '../report.js';
import { print } from '../terminal/own-output.js';

export interface CapturedResult {
  request(stdio: StdioRequest): StdioRequest;
  print(outcome: ExecOutcome, facts: { readonly pid: number; readonly timedOut: boolean }): void;
  /** Prints why it could not be run, unless its result is printed already. */
  fail(error: unknown): void;
}

/** As much of each output is in the object. */
const maxOutput = 64 * 2 ** 20;

export const captureResult = (name: string, command: readonly string[]): CapturedResult => {
  const began = performance.now();
  const stdout = capture();
  const stderr = capture();
  let printed = false;
  const write = (end: object, truncated: boolean): void => {
    if (printed) return;
    printed = true;
    const result = {
      name,
      command,
      ...end,
      truncated: truncated || stdout.isCut() || stderr.isCut(),
      duration: Math.round(performance.now() - began),
      stdout: stdout.text(),
      stderr: stderr.text(),
    };
    print(`${JSON.stringify(result)}\n`);
  };
  return {
    request: (stdio) => ({ ...stdio, stdout: stdout.sink, stderr: stderr.sink }),
    print: ({ kind, status, truncated, ...end }, { pid, timedOut }) =>
      write({ pid, status, end: kind, ...('signal' in end && { signal: end.signal }), timedOut }, truncated),
    fail: (error) => {
      const { message, exitCode } = reportOf(error);
      write({ pid: 0, status: exitCode, end: 'startFailed', error: message, timedOut: false }, false);
    },
  };
};

const capture = () => {
  const chunks: Uint8Array[] = [];
  let room = maxOutput;
  let cut = false;
  return {
    sink: {
      write: async (chunk: Uint8Array): Promise<void> => {
        const part = chunk.subarray(0, room);
        room -= part.length;
        cut ||= part.length < chunk.length;
        if (part.length > 0) chunks.push(Buffer.from(part));
      },
    },
    isCut: () => cut,
    text: () => Buffer.concat(chunks).toString(),
  };
};
