/** The process and its stdio as a task takes them. */
import type { ComputeSystem } from '../hcs/contract/compute-system.js';
import type { ProcessSpec } from '../hcs/contract/process-spec.js';
import { invalid } from '../hcs/failures/errors.js';
import { refuseUnknown } from '../hcs/failures/refuse-unknown.js';
import type { StdioRequest } from '../streams/stdio/upstream/stdio-request.js';
import type { Environment, RunOptions } from './run-interface.js';

/**
 * A description without changes leaves everything to the system. One with changes starts from the system's defaults,
 * because an environment or a directory replaces the default as a whole.
 */
export const specOf = (
  system: Pick<ComputeSystem, 'defaultProcess'>,
  argv: readonly string[],
  options: Pick<RunOptions, 'env' | 'cwd' | 'user'>,
): ProcessSpec => {
  const { env, cwd, user } = options;
  if (env === undefined && cwd === undefined && user === undefined) return { args: argv };
  const { args: _, ...base } = system.defaultProcess?.() ?? {};
  return {
    ...base,
    args: argv,
    ...(env !== undefined && { env: merged(base.env ?? [], env) }),
    ...(cwd !== undefined && { cwd }),
    ...(user !== undefined && { user: userOf(user) }),
  };
};

export const stdioOf = ({ input, stdio = {}, all = false }: RunOptions): StdioRequest => {
  const { stdin, stdout = 'pipe', stderr = stdio.terminal === true ? undefined : 'pipe', ...rest } = stdio;
  return {
    ...rest,
    ...(stdin !== undefined && { stdin }),
    ...inputOf(input),
    stdout,
    ...(stderr !== undefined && { stderr: all ? 'stdout' : stderr }),
  };
};

const inputOf = (input: RunOptions['input']): Pick<StdioRequest, 'input' | 'stdin'> => {
  if (input === undefined) return {};
  return typeof input === 'string' || input instanceof Uint8Array ? { input } : { stdin: input };
};

const merged = (base: readonly string[], env: Environment): readonly string[] => [
  ...base.filter((entry) => !Object.hasOwn(env, entry.slice(0, entry.indexOf('=')))),
  ...Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
];

/** @throws RxshimError `invalidArgument` for what names no user. */
export const userOf = (user: NonNullable<RunOptions['user']>): NonNullable<ProcessSpec['user']> => {
  if (typeof user === 'object' && user !== null) {
    refuseUnknown('user.', user, ['uid', 'gid']);
    if (user.uid === undefined) throw invalid('user', user, '{ uid, gid }');
    for (const [name, id] of Object.entries(user))
      if (id !== undefined && !Number.isInteger(id)) throw invalid(`user.${name}`, id, 'a whole number');
    return user;
  }
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(String(user)) ?? [];
  if (uid !== undefined) return { uid: Number(uid), ...(gid !== undefined && { gid: Number(gid) }) };
  if (typeof user === 'string' && /^[^:\0]+$/.test(user)) return { username: user };
  throw invalid('user', user, "a name, a number, 'uid:gid' or { uid, gid }");
};
