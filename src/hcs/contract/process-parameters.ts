/**
 * The document that asks a compute system for a process, in the names of the Host Compute Service's schema 2.
 *
 * A field that says nothing (false, zero, empty) is absent: the document compares equal to what goes over the wire.
 * What the process is comes from its OCI description; which streams it has is the caller's to say.
 */

import { RxshimError } from '../failures/errors.js';
import { environmentOf } from './environment.js';
import type { ProcessSpec } from './process-spec.js';
import { windowsCommandLine } from './windows-args.js';
import { requireBatchArgs } from './windows-batch.js';

export interface ProcessParameters {
  readonly ApplicationName?: string;
  readonly CommandLine?: string;
  readonly CommandArgs?: readonly string[];
  readonly User?: string;
  readonly WorkingDirectory?: string;
  readonly Environment?: Readonly<Record<string, string>>;
  readonly RestrictedToken?: boolean;
  /** Gives the process a console. The service then ignores the pipe for stderr. */
  readonly EmulateConsole?: boolean;
  readonly CreateStdInPipe?: boolean;
  readonly CreateStdOutPipe?: boolean;
  readonly CreateStdErrPipe?: boolean;
  /** Height, then width, in character cells. */
  readonly ConsoleSize?: readonly [height: number, width: number];
  readonly UseExistingLogin?: boolean;
  readonly UseLegacyConsole?: boolean;
  /** Linux containers: the whole process. Absent for the process that the container's own document describes. */
  readonly OciProcess?: ProcessSpec;
}

/** What `processParameters` needs to know. */
export interface ProcessRequest {
  /** What of the compute system decides the form of the document. */
  readonly system: { readonly os: string; readonly isOci: boolean };
  readonly spec?: ProcessSpec | undefined;
  /** Which streams the caller wants connected. */
  readonly streams: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
}

/**
 * The document for one process.
 *
 * A system that reads OCI gets the description as it is. Any other gets it field by field: for Windows as one command
 * line (the description's own, or its escaped arguments), for others as a list of arguments.
 *
 * @throws RxshimError `invalidArgument` without a description, unless the system reads OCI; or for a Windows batch file
 * with an argument that could be taken for a command.
 */
export const processParameters = ({ system, spec, streams }: ProcessRequest): ProcessParameters => {
  // Set one by one: every exec pays this, and V8 takes 2 µs for a literal that goes on after a spread.
  const parameters: { -readonly [K in keyof ProcessParameters]: ProcessParameters[K] } = system.isOci
    ? ociProcess(spec)
    : described(required(spec), system.os);
  if (streams.stdin) parameters.CreateStdInPipe = true;
  if (streams.stdout) parameters.CreateStdOutPipe = true;
  if (streams.stderr) parameters.CreateStdErrPipe = true;
  return parameters;
};

// An empty description is still a description: only none at all asks for the container's own process.
const ociProcess = (spec: ProcessSpec | undefined): ProcessParameters => (spec ? { OciProcess: spec } : {});

const required = (spec: ProcessSpec | undefined): ProcessSpec => {
  if (spec) return spec;
  throw new RxshimError('invalidArgument', 'process spec is required for non-OCI ProcessHost', {
    culprit: { field: 'spec', value: spec },
  });
};

// Descriptions come from JSON, often written by Go: an absent list may be null there, whatever its type says here.
const described = (spec: ProcessSpec, os: string): ProcessParameters =>
  omitEmpty({
    ...command(spec, os),
    User: spec.user?.username,
    WorkingDirectory: spec.cwd,
    Environment: environmentOf(spec.env ?? []),
    EmulateConsole: spec.terminal,
    ConsoleSize: spec.consoleSize ? ([spec.consoleSize.height, spec.consoleSize.width] as const) : undefined,
  });

const command = (spec: ProcessSpec, os: string) => {
  if (spec.commandLine) return { CommandLine: spec.commandLine };
  const args = spec.args ?? [];
  if (os !== 'windows') return { CommandArgs: args };
  requireBatchArgs(args);
  return { CommandLine: windowsCommandLine(args) };
};

type Filled<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

const omitEmpty = <T extends object>(fields: T): Filled<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value))) as Filled<T>;

const isEmpty = (value: unknown): boolean =>
  !value || (typeof value === 'object' && Object.keys(value).length === 0);
