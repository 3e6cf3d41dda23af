/**
 * Opens the streams of a plan: all of them, or none.
 */
import { fstatSync } from 'node:fs';
import { asyncScheduler, defer, EMPTY, type SchedulerLike } from 'rxjs';
import type { Act } from '../../../hcs/contract/compute-process.js';
import { mustCopy } from '../../../hcs/native/index.js';
import { type Arrivals, countArrivals } from '../caller/arrivals.js';
import { callerInput } from '../caller/caller-input.js';
import { callerOutput } from '../caller/caller-output.js';
import { joinableOutput, joinedInput } from '../caller/joined-output.js';
import { type ObservableOutput, observedOutput } from '../caller/observed-output.js';
import { givenInput, givenOutput } from '../given/given-streams.js';
import { descriptorInput, descriptorOutput } from '../named/descriptor-streams.js';
import { pathInput, pathOutput } from '../named/path-streams.js';
import type { PipeOptions } from '../named/windows/pipe-output.js';
import { windowsPathInput, windowsPathOutput } from '../named/windows/windows-path-streams.js';
import type { OutputName, Unread, UpstreamIo } from '../upstream.js';
import { closeAll, type OpenedInput, type OpenedOutput } from './opened.js';
import type { StreamsPlan } from './plan.js';
import type { UpstreamRequest } from './stdio-request.js';
import type { InputPlan, OutputPlan } from './stream-plan.js';

export interface StreamOptions extends PipeOptions {
  readonly scheduler?: SchedulerLike;
}

/** @throws RxshimError for what cannot be opened; nothing is left open then. */
export const openStreams = (
  plan: StreamsPlan,
  request: UpstreamRequest,
  options: StreamOptions = {},
): UpstreamIo => {
  const { scheduler = asyncScheduler } = options;
  const arrivals = countArrivals(() => scheduler.now());
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
    const how = { request, options, arrivals };
    const stdout = open(plan.stdout, (output) => outputOf('stdout', output, same ? 2 : 1, how));
    const stderr = same ? stdout : open(plan.stderr, (output) => outputOf('stderr', output, 1, how));
    return upstreamOf(request, { stdin, stdout, stderr }, () => closeAll(opened));
  } catch (error) {
    closeAll(opened);
    throw error;
  }
};

/** One descriptor then serves both, so that neither writes over the other and the last to use it closes it. */
const isSame = (one: OutputPlan | undefined, other: OutputPlan | undefined): boolean =>
  (one !== undefined && one === other) ||
  (one?.kind === 'path' && other?.kind === 'path' && one.path === other.path) ||
  (one?.kind === 'given' && other?.kind === 'given' && one.stream === other.stream) ||
  (one?.kind === 'descriptor' && other?.kind === 'descriptor' && isSameSocket(one.fd, other.fd));

/** As in a program whose parent has asked for `2>&1`: its bytes are copied. */
const isSameSocket = (one: number, other: number): boolean => {
  if (onWindows) return false;
  const [first, second] = [fstatSync(one), fstatSync(other)];
  return first.isSocket() && second.isSocket() && first.ino === second.ino && mustCopy(one, true);
};

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

interface HowToOpen {
  readonly request: UpstreamRequest;
  readonly options: StreamOptions;
  readonly arrivals: Arrivals;
}

const outputOf = (
  name: OutputName,
  plan: OutputPlan,
  users: number,
  { request: { whenReaderLeaves }, options, arrivals }: HowToOpen,
): OpenedOutput => {
  switch (plan.kind) {
    case 'caller':
      return joinableOutput(callerOutput(name, { whenReaderLeaves, users, arrivals }));
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
  request: UpstreamRequest,
  { stdin, stdout, stderr }: Opened,
  close: () => void,
): UpstreamIo => ({
  caller: callerOf({ stdin, stdout, stderr: stderr === stdout ? undefined : stderr }),
  stdin: stdin?.source,
  stdout: stdout?.sink,
  stderr: stderr?.sink,
  stdinPath: pathOf(request.stdin),
  stdoutPath: pathOf(request.stdout),
  stderrPath: pathOf(request.stderr),
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
  unread: () => unreadOf(stdout, stderr === stdout ? undefined : stderr),
  closeStdin: () => act(() => stdin?.end()),
  close: () => act(close),
});

const callerOf = ({ stdin, stdout, stderr }: Opened): NonNullable<UpstreamIo['caller']> => {
  const caller = { stdin: stdin?.caller, stdout: stdout?.caller, stderr: stderr?.caller };
  const observable = [stdout, stderr].filter((output) => output !== undefined && 'observe' in output);
  if (observable.length === 0) return caller;
  return { output$: observedOutput(observable as ObservableOutput[]), ...caller };
};

const unreadOf = (...outputs: (OpenedOutput | undefined)[]): Unread => {
  const each = outputs.flatMap((output) => output?.unread?.() ?? []);
  return { names: each.flatMap(({ names }) => names), dropped: each.some(({ dropped }) => dropped) };
};

/** The request itself where it is a string; empty for a stream that is not connected, or whose request is an object. */
export const pathOf = (asked: unknown): string =>
  typeof asked === 'string' && asked !== 'ignore' ? asked : '';

export const act = (what: () => void): Act =>
  defer(() => {
    what();
    return EMPTY;
  });
