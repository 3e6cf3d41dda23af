/**
 * The document that requests a process from a compute system, in schema 2 of the Host Compute Service.
 *
 * An empty field (false, zero, empty) is left out, so that the document equals what is sent. The OCI description
 * defines the process; the caller chooses its streams.
 */

import { RxshimError } from '../failures/errors.js';
import { environmentOf } from './environment.js';
import type { ProcessSpec } from './process-spec.js';
import { windowsCommandLine } from './windows-args.js';
import { requireBatchArgs } from './windows-batch.js';

/** The document for creating a process: in the schema of the Host Compute Service, or an OCI document. */
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
  /** Linux containers: the OCI process. Absent for the process that the container's own document describes. */
  readonly OciProcess?: ProcessSpec;
}

/** The input of `processParameters`. */
export interface ProcessRequest {
  /** The properties of the compute system that decide the form of the document. */
  readonly system: { readonly os: string; readonly isOci: boolean };
  readonly spec?: ProcessSpec | undefined;
  /** The streams that the caller wants. */
  readonly streams: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
}

/**
 * The document for one process.
 *
 * An OCI system gets the description unchanged. Any other gets it field by field: for Windows with one command line
 * (the description's own, or its escaped arguments), for others with a list of arguments.
 *
 * @throws RxshimError `invalidArgument` without a description, unless the system reads OCI; or for a Windows batch file
 * with an argument that could be taken for a command.
 */
export const processParameters = ({ system, spec, streams }: ProcessRequest): ProcessParameters => {
  // Assigned one by one: this runs for every exec, and V8 takes 2 µs for a literal with a spread.
  const parameters: { -readonly [K in keyof ProcessParameters]: ProcessParameters[K] } = system.isOci
    ? ociProcess(spec)
    : described(required(spec), system.os);
  if (streams.stdin) parameters.CreateStdInPipe = true;
  if (streams.stdout) parameters.CreateStdOutPipe = true;
  if (streams.stderr) parameters.CreateStdErrPipe = true;
  return parameters;
};

// An empty description counts as one; only a missing one means the container's own process.
const ociProcess = (spec: ProcessSpec | undefined): ProcessParameters => (spec ? { OciProcess: spec } : {});

const required = (spec: ProcessSpec | undefined): ProcessSpec => {
  if (spec) return spec;
  throw new RxshimError('invalidArgument', 'process spec is required for non-OCI ProcessHost', {
    invalid: { field: 'spec', value: spec },
  });
};

// Descriptions are JSON, often written by Go, where an absent list may be null despite the type.
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
