/**
 * Opens the streams of a plan: all of them, or none.
 */
import { defer, EMPTY } from 'rxjs';
import type { Act } from '../../../hcs/compute-process.js';
import type { OutputName, Unread, UpstreamIo } from '../upstream.js';
import { callerOutput } from './caller-output.js';
import { callerInput } from './caller-streams.js';
import { descriptorInput, descriptorOutput } from './descriptor-streams.js';
import { givenInput, givenOutput } from './given-streams.js';
import { joinableOutput, joinedInput } from './joined-output.js';
import { closeAll, type OpenedInput, type OpenedOutput } from './opened.js';
import { pathInput, pathOutput } from './path-streams.js';
import type { StreamsPlan } from './plan.js';
import type { InputPlan, OutputPlan } from './plan-stream.js';
import type { StdioRequest } from './stdio-request.js';
import { windowsPathInput, windowsPathOutput } from './windows/path-streams.js';
import type { PipeOptions } from './windows/pipe-output.js';

/** @throws RxshimError for what cannot be opened; nothing is left open then. */
export const openStreams = (
  plan: StreamsPlan,
  request: StdioRequest,
  options: PipeOptions = {},
): UpstreamIo => {
  const opened: { close(): void }[] = [];
  const open = <P, S extends { close(): void }>(
    part: P | undefined,
    opening: (part: P) => S,
  ): S | undefined => {
    if (part === undefined) return undefined;
    const stream = opening(part);
    opened.push(stream);
    return stream;
  };
  try {
    // In this order, as clients expect it of named pipes.
    const stdin = open(plan.stdin, inputOf);
    const same = isSame(plan.stdout, plan.stderr);
    const stdout = open(plan.stdout, (output) => outputOf('stdout', output, same ? 2 : 1, request, options));
    const stderr = same
      ? stdout
      : open(plan.stderr, (output) => outputOf('stderr', output, 1, request, options));
    return upstreamOf(request, { stdin, stdout, stderr }, () => closeAll(opened));
  } catch (error) {
    closeAll(opened);
    throw error;
  }
};

/** One descriptor then serves both, so that neither writes over the other and the last to use it closes it. */
const isSame = (one: OutputPlan | undefined, other: OutputPlan | undefined): boolean =>
  (one?.kind === 'path' && other?.kind === 'path' && one.path === other.path) ||
  (one?.kind === 'given' && other?.kind === 'given' && one.stream === other.stream);

const onWindows = process.platform === 'win32';

const inputOf = (plan: InputPlan): OpenedInput => {
  switch (plan.kind) {
    case 'caller':
      return callerInput();
    case 'descriptor':
      return descriptorInput(plan.fd);
    case 'path':
      return onWindows ? windowsPathInput(plan) : pathInput(plan);
    case 'given':
      return joinedInput(plan.stream) ?? givenInput(plan.stream);
  }
};

const outputOf = (
  name: OutputName,
  plan: OutputPlan,
  users: number,
  { whenReaderLeaves }: StdioRequest,
  options: PipeOptions,
): OpenedOutput => {
  switch (plan.kind) {
    case 'caller':
      return joinableOutput(callerOutput(name, whenReaderLeaves));
    case 'descriptor':
      return descriptorOutput(plan.fd, plan.inherited);
    case 'path':
      return onWindows ? windowsPathOutput(plan, options) : pathOutput(plan, users);
    case 'given':
      return givenOutput(plan.stream, users);
  }
};

interface Opened {
  readonly stdin: OpenedInput | undefined;
  readonly stdout: OpenedOutput | undefined;
  readonly stderr: OpenedOutput | undefined;
}

const upstreamOf = (
  request: StdioRequest,
  { stdin, stdout, stderr }: Opened,
  close: () => void,
): UpstreamIo => ({
  caller: { stdin: stdin?.caller, stdout: stdout?.caller, stderr: stderr?.caller },
  stdin: stdin?.source,
  stdout: stdout?.sink,
  stderr: stderr?.sink,
  stdinPath: told(request.stdin),
  stdoutPath: told(request.stdout),
  stderrPath: told(request.stderr),
  terminal: request.terminal === true,
  handedOver: (to) => {
    if (to.stdin !== undefined) stdin?.handedOver?.();
    if (to.stdout !== undefined) stdout?.handedOver?.();
    if (to.stderr !== undefined && stderr !== stdout) stderr?.handedOver?.();
  },
  awaited: () => {
    stdout?.awaited?.();
    stderr?.awaited?.();
  },
  unread: () => unreadOf(stdout, stderr),
  closeStdin: () => act(() => stdin?.end()),
  close: () => act(close),
});

const unreadOf = (...outputs: (OpenedOutput | undefined)[]): Unread => {
  const each = outputs.flatMap((output) => output?.unread?.() ?? []);
  return { names: each.flatMap(({ names }) => names), dropped: each.some(({ dropped }) => dropped) };
};

/** What was asked in words, as it was; empty for what is not connected, or has no words. */
export const told = (asked: unknown): string =>
  typeof asked === 'string' && asked !== 'ignore' ? asked : '';

export const act = (what: () => void): Act =>
  defer(() => {
    what();
    return EMPTY;
  });
