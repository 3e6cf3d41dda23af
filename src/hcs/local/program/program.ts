/**
 * Validates the OCI process document and turns it into a program to start.
 *
 * The invariant: everything that can be checked is checked before anything is started, and reported as a typed error
 * that names the field. Fields that only a container can honour (capabilities, limits, profiles) are ignored.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConsoleSize } from '../../contract/compute-process.js';
import { consoleSizeOf } from '../../contract/console-size.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import type { ProcessSpec } from '../../contract/process-spec.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import { libc } from '../../native/call/libc.js';
import type { Executable } from '../../native/process/posix-spawn.js';
import { resolveExecutable } from './executable.js';
import { lookUpUser } from './look-up-user.js';

/** A program that can be started. `file` is an absolute path. */
export interface Program extends Executable {
  /** The user to run as, if it is another one. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  /** The size of its terminal, if any. */
  readonly terminal: ConsoleSize | undefined;
}

/** The defaults of a document: without `env` the process inherits this one; `cwd` is relative to this one. */
export interface ProgramDefaults {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether it stays in the process group of this program. */
  readonly foreground: boolean;
}

/** @throws RxshimError `invalidArgument` for an invalid field; see `resolveExecutable` for executables. */
export const programOf = (parameters: ProcessParameters, defaults: ProgramDefaults): Program => {
  const { OciProcess, ConsoleSize } = parameters;
  if (typeof OciProcess !== 'object' || OciProcess === null)
    throw invalid('OciProcess', OciProcess, 'a process');
  const args = argsOf(OciProcess.args);
  const terminal = OciProcess.terminal === true;
  const env = envOf(OciProcess.env) ?? inherited(defaults.env, terminal);
  const cwd = cwdOf(OciProcess.cwd, defaults.cwd);
  const size = OciProcess.consoleSize ?? (ConsoleSize && { height: ConsoleSize[0], width: ConsoleSize[1] });
  return {
    args,
    env,
    cwd,
    ...userOf(OciProcess.user),
    terminal: terminal ? consoleSizeOf(size) : undefined,
    ...(defaults.foreground && !terminal && { place: 'group' as const }),
    file: resolveExecutable(args[0] as string, { cwd, path: lastOf(env, 'PATH') }),
  };
};

const argsOf = (args: ProcessSpec['args']): readonly string[] => {
  if (!Array.isArray(args) || args.length === 0)
    throw invalid('args', args, 'a list with at least an executable');
  args.forEach((arg) => text('args', arg));
  return args;
};

// Documents are JSON, often written by Go, where an absent list may be null.
const envOf = (env: ProcessSpec['env'] | null): readonly string[] | undefined => {
  if (env === undefined || env === null) return undefined;
  if (!Array.isArray(env)) throw invalid('env', env, 'a list of NAME=value');
  for (const entry of env) {
    if (text('env', entry).indexOf('=') < 1) throw invalid('env', entry, 'NAME=value');
  }
  return env;
};

/** A process with a terminal gets a TERM even if this process has none (a daemon, CI): the same as Docker's. */
const inherited = (env: ProgramDefaults['env'], terminal: boolean): readonly string[] => {
  const all = terminal && !env['TERM'] ? { ...env, TERM: 'xterm' } : env;
  return environmentList(all);
};

/** Parses `NAME=value` pairs. */
export const environmentList = (env: ProgramDefaults['env']): readonly string[] => {
  const list: string[] = [];
  // Not by Object.entries, which reads each variable of process.env twice.
  for (const name of Object.keys(env)) {
    const value = env[name];
    if (value !== undefined) list.push(`${name}=${value}`);
  }
  return list;
};

const cwdOf = (cwd: ProcessSpec['cwd'] | null, base: string): string => {
  const path = resolve(base, cwd === undefined || cwd === null ? '' : text('cwd', cwd));
  if (libc().access(`${path}/.`, constants.X_OK) === 0) return path;
  try {
    if (statSync(path).isDirectory()) {
      accessSync(path, constants.X_OK);
      return path;
    }
  } catch (cause) {
    throw invalid('cwd', path, 'a directory that exists and may be entered', cause);
  }
  throw invalid('cwd', path, 'a directory');
};

const userOf = (user: ProcessSpec['user'] | null): Pick<Program, 'user' | 'umask'> => {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const { uid = own.uid, gid = own.gid, umask, additionalGids } = named(user);
  if (!isWhole(uid, 0xfffffffe) || !isWhole(gid, 0xfffffffe)) throw invalid('user', user, 'a uid and a gid');
  if (umask !== undefined && !isWhole(umask, 0o777)) throw invalid('user', umask, 'an umask from 0 to 0777');
  const same = uid === own.uid && gid === own.gid;
  if (!(additionalGids ?? []).every((group) => same && process.getgroups?.().includes(group))) {
    throw new RxshimError('notImplemented', 'user: additionalGids other than those of this process');
  }
  return { user: same ? undefined : { uid, gid }, umask };
};

/** A document for Linux has numeric ids, but a hand-written one may have a name. */
const named = (user: ProcessSpec['user'] | null): NonNullable<ProcessSpec['user']> => {
  if (user?.username === undefined || user.username === '' || user.uid !== undefined) return user ?? {};
  return { ...lookUpUser(text('user', user.username)), ...user };
};

// The last of several values wins, as for most consumers.
const lastOf = (env: readonly string[], name: string): string | undefined =>
  env
    .filter((entry) => entry.startsWith(`${name}=`))
    .at(-1)
    ?.slice(name.length + 1);

const text = (field: string, value: unknown): string => {
  if (typeof value !== 'string') throw invalid(field, value, 'text');
  if (value.includes('\0')) throw invalid(field, value, 'text without a NUL character');
  return value;
};

const isWhole = (value: unknown, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
