/**
 * Refuses invalid options before anything is opened. Each error names the option by its path, and the value unless it is
 * that of an environment variable, which may be a secret.
 */
import { invalid, RxshimError } from '../../hcs/failures/errors.js';
import { refuseUnknown } from '../../hcs/failures/refuse-unknown.js';
import type { SignalTable } from '../../hcs/signals/options.js';
import { requireAbortSignal, requireId, requireObject } from '../../streams/arguments.js';
import { requireStop } from '../../streams/exec/stop-options.js';
import { policiesOf, requireTime } from '../../streams/policies.js';
import { userOf } from '../process-of.js';
import type { Environment, RunOptions } from '../run-interface.js';
import { checkStdio } from './stdio.js';

const known = [
  'id',
  'input',
  'env',
  'cwd',
  'user',
  'stdio',
  'all',
  'encoding',
  'maxOutput',
  'keepOutput',
  'timeout',
  'abortSignal',
  'stop',
  'reject',
  'policies',
  'scheduler',
] as const satisfies readonly (keyof RunOptions)[];

/** Names from other libraries and what they are called here. */
const elsewhere: Readonly<Record<string, string>> = {
  signal: 'abortSignal',
  cancelSignal: 'abortSignal',
  maxBuffer: 'maxOutput',
  stdin: 'input or stdio.stdin',
  stdout: 'stdio.stdout',
  stderr: 'stdio.stderr',
  uid: 'user',
  gid: 'user',
  killSignal: 'stop.signal',
  forceKillAfterDelay: 'stop.grace',
};

/** @throws RxshimError `invalidArgument`. */
export const checkArgv = (argv: readonly string[]): void => {
  if (!Array.isArray(argv) || argv.length === 0) throw invalid('argv', argv, 'a command and its arguments');
  argv.forEach((argument, index) => {
    if (typeof argument !== 'string' || argument.includes('\0'))
      throw invalid(`argv[${index}]`, argument, 'a text without NUL characters');
  });
};

/** @throws RxshimError `invalidArgument`. */
export const checkOptions = (options: RunOptions, signals: SignalTable): void => {
  requireObject('options', options);
  refuseUnknown('', options, known, elsewhere);
  const {
    id,
    input,
    env,
    cwd,
    stdio,
    all,
    encoding,
    maxOutput,
    keepOutput,
    timeout,
    abortSignal,
    stop,
    reject,
    user,
    policies,
  } = options;
  if (id !== undefined) requireId('id', id);
  if (env !== undefined) checkEnvironment(env);
  if (cwd !== undefined && typeof cwd !== 'string') throw invalid('cwd', cwd, 'a path');
  if (user !== undefined) userOf(user);
  if (stdio !== undefined) checkStdio(stdio);
  if (input !== undefined && typeof input !== 'string' && !isObject(input))
    throw invalid('input', input, 'text, bytes, or anything that can be iterated or read');
  if (input !== undefined && stdio?.stdin !== undefined)
    throw invalid('input', input, 'nothing besides stdio.stdin');
  if (all === true && stdio?.stderr !== undefined) throw invalid('all', all, 'nothing besides stdio.stderr');
  for (const [name, value] of Object.entries({ all, keepOutput, reject })) {
    if (value !== undefined && typeof value !== 'boolean') throw invalid(name, value, 'true or false');
  }
  if (encoding !== undefined && encoding !== 'text' && encoding !== 'bytes')
    throw invalid('encoding', encoding, "'text' or 'bytes'");
  if (maxOutput !== undefined && !(typeof maxOutput === 'number' && maxOutput > 0))
    throw invalid('maxOutput', maxOutput, 'a number of bytes');
  if (timeout !== undefined) requireTime('timeout', timeout);
  if (abortSignal !== undefined) requireAbortSignal('abortSignal', abortSignal);
  if (stop !== undefined) requireStop(stop, signals);
  policiesOf(policies);
};

const checkEnvironment = (env: Environment): void => {
  // The error has no value: it may be a secret.
  if (typeof env !== 'object' || env === null || Array.isArray(env))
    throw new RxshimError('invalidArgument', 'env: expected an object such as { NAME: value }', {
      invalid: { field: 'env', value: undefined },
    });
  for (const [name, value] of Object.entries(env)) {
    if (name === '' || /[=\0]/.test(name)) throw invalid('env', name, 'names without = and NUL characters');
    if (value === undefined || (typeof value === 'string' && !value.includes('\0'))) continue;
    const message = `env.${name}: expected a text without NUL characters, or undefined`;
    throw new RxshimError('invalidArgument', message, {
      invalid: { field: `env.${name}`, value: undefined },
    });
  }
};

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
