/**
 * The common part of all processes of a daemon: the streams of one connection, the terminal, and the exit.
 *
 * The invariant: the exit is published once. How it is learned, and how the process is signalled, differs between a
 * container's first process and an exec: that is the caller's.
 */
import { AsyncSubject, defer } from 'rxjs';
import { act } from '../../contract/act.js';
import type { ComputeProcess, ProcessExit } from '../../contract/compute-process.js';
import { consoleSizeOf } from '../../contract/console-size.js';
import { RxshimError } from '../../failures/errors.js';
import type { ApiClient } from '../api/client.js';
import type { Input } from './input.js';
import type { Output } from './output.js';

export interface Attachment {
  readonly input: Input | undefined;
  readonly output: Output;
  readonly terminal: boolean;
}

/** The streams that are read. The others are drained. */
export interface Wanted {
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Whose process it is, for requests and errors. */
export interface Subject {
  readonly api: ApiClient;
  /** `/containers/ID` or `/exec/ID`. */
  readonly path: string;
  /** Such as `container web`. */
  readonly name: string;
}

export type Attached = Omit<ComputeProcess, 'pid' | 'signal' | 'kill' | 'tree'>;

export const attachedProcess = (
  { api, path, name }: Subject,
  { input, output, terminal }: Attachment,
  wanted: Wanted,
): { readonly attached: Attached; exited(exit: ProcessExit): void } => {
  const exit$ = new AsyncSubject<ProcessExit>();
  if (!wanted.stdout) output.stdout.close();
  if (!wanted.stderr) output.stderr.close();
  return {
    exited: (exit) => {
      input?.close();
      exit$.next(exit);
      exit$.complete();
    },
    attached: {
      stdio: {
        ...(input && { stdin: input }),
        ...(wanted.stdout && { stdout: output.stdout }),
        ...(wanted.stderr && { stderr: output.stderr }),
      },
      exit$: exit$.asObservable(),
      resizeConsole: (size) =>
        defer(() => {
          if (!terminal) throw new RxshimError('failedPrecondition', `${name} has no terminal`);
          const { width: w, height: h } = consoleSizeOf(size);
          const what = `resize the terminal of ${name}`;
          return api.call({ method: 'POST', path: `${path}/resize`, query: { h, w }, what });
        }),
      closeStdin: () => act(() => input?.halfClose()),
      closeStdout: () => act(() => output.stdout.close()),
      closeStderr: () => act(() => output.stderr.close()),
      // The process goes on: a daemon ends nothing when a client leaves.
      close: () =>
        act(() => {
          input?.close();
          output.close();
        }),
    },
  };
};
