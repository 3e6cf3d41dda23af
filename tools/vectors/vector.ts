/**
 * A recorded scenario of the original exec, in the form that runner and corrections share.
 *
 * What a file holds and this does not is not compared: queries, the bytes of a stream as calls, and facts that
 * the original alone can know. Each expected call keeps its number when a correction moves it to another step, so that
 * what was said about its order moves along.
 */
import type { ProcessSpec } from '../../src/hcs/contract/process-spec.js';

export interface Vector {
  readonly scenario: string;
  readonly ids: { readonly task: string; readonly exec: string; readonly bundle: string };
  readonly setup: Setup;
  readonly initial: Snapshot;
  readonly steps: readonly Step[];
}

export interface Setup {
  readonly kind: 'init' | 'exec';
  readonly os: 'linux' | 'windows';
  readonly host: 'none' | 'signals' | 'noSignals';
  readonly osBuild: number;
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly spec: ProcessSpec | undefined;
  readonly pid: number;
  /** By call, as `process.kill`: the error that it ends with; by `process.kill.delivered`: false. */
  readonly faults: Readonly<Record<string, string | false>>;
  /** Calls that are recorded and then wait for a `release`. */
  readonly gates: readonly string[];
}

export interface Step {
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The name under which a later `join` asks for the result. */
  readonly as: string | undefined;
  /** `pending` when the call had not returned at the end of its step. */
  readonly result: unknown;
  readonly calls: readonly ExpectedCall[];
  /** Pairs of call numbers that may come in either order. */
  readonly unordered: readonly Pair[];
  /** What may be called besides, any number of times. */
  readonly optional: readonly Call[];
  readonly after: Snapshot;
}

/** What a fake saw; or, for object `api`, the return of a command with its result. */
export interface Call {
  readonly obj: string;
  readonly call: string;
  readonly args?: unknown;
  readonly result?: unknown;
}

export interface ExpectedCall extends Call {
  readonly id: number;
  /** For the return of a command: the step that called it. */
  readonly of?: number | undefined;
}

export type Pair = readonly [earlier: number, later: number];

export interface Snapshot {
  /** `blocked`: the original does not answer, because a call in progress holds its lock. */
  readonly state: 'created' | 'running' | 'exited' | 'blocked';
  readonly pid: number | undefined;
  readonly status: StatusFields | undefined;
  readonly waitReleased: boolean;
  /** Named calls that have not returned. */
  readonly pending: readonly string[];
  /** The text that each stream has delivered so far. */
  readonly data: Readonly<Record<string, string>>;
}

/** The answer to State, with `exitedAt` as `zero` or `set`. */
export type StatusFields = Readonly<Record<string, unknown>>;

export const callName = ({ obj, call }: Call): string => `${obj}.${call}`;

/** Whether a step calls the exec, rather than changing the world around it. */
export const isCommand = ({ op }: Step): boolean => commands.has(op);

const commands = new Set(['start', 'kill', 'resize', 'closeIO', 'forceExit', 'wait']);
