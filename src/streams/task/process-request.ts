/**
 * A request for one process of a task, init or not: its command, and its stdio. The request is checked before anything is
 * opened, and `spec.terminal` and `stdio.terminal` are made to agree.
 */
import { catchError, type Observable, throwError } from 'rxjs';
import type { ProcessSpec } from '../../hcs/contract/process-spec.js';
import { atPath, invalid, RxshimError } from '../../hcs/failures/errors.js';
import { refuseMisspelt, refuseUnknown } from '../../hcs/failures/refuse-unknown.js';
import { requireObject } from '../arguments.js';
import { withNames } from '../stdio/upstream/given-path.js';
import { openUpstream } from '../stdio/upstream/open-upstream.js';
import type { StdioRequest } from '../stdio/upstream/stdio-request.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import type { TaskOptions } from './interface.js';

const specFields = [
  'args',
  'commandLine',
  'env',
  'cwd',
  'terminal',
  'consoleSize',
  'user',
  'noNewPrivileges',
  'capabilities',
  'rlimits',
  'oomScoreAdj',
] as const satisfies readonly (keyof ProcessSpec)[];

const stdioFields = [
  'stdin',
  'input',
  'stdout',
  'stderr',
  'terminal',
  'whenReaderLeaves',
] as const satisfies readonly (keyof StdioRequest)[];

/** The command is required. */
export const requireSpec = (spec: ProcessSpec | undefined): void => {
  if (typeof spec !== 'object' || spec === null) throw invalid('spec', spec, 'an OCI process');
  refuseMisspelt('spec.', spec, specFields);
  const { args, env, cwd, user } = spec;
  if (
    env !== undefined &&
    env !== null &&
    !(Array.isArray(env) && env.every((entry) => typeof entry === 'string'))
  )
    // Environment values may be secrets.
    throw new RxshimError('invalidArgument', 'spec.env: expected a list of NAME=value', {
      invalid: { field: 'spec.env', value: undefined },
    });
  if (cwd !== undefined && typeof cwd !== 'string') throw invalid('spec.cwd', cwd, 'a path');
  if (user !== undefined) requireUser(user);
  if (spec.commandLine) return;
  if (!Array.isArray(args) || args.length === 0)
    throw invalid('spec.args', args, 'a command and its arguments');
  args.forEach((arg, index) => {
    if (typeof arg !== 'string' || arg.includes('\0')) {
      throw invalid(`spec.args[${index}]`, arg, 'a text without NUL characters');
    }
  });
};

const requireUser = (user: NonNullable<ProcessSpec['user']>): void => {
  requireObject('spec.user', user);
  for (const name of ['uid', 'gid', 'umask'] as const) {
    const value = user[name];
    if (value !== undefined && typeof value !== 'number')
      throw invalid(`spec.user.${name}`, value, 'a number');
  }
  if (user.username !== undefined && typeof user.username !== 'string')
    throw invalid('spec.user.username', user.username, 'a name');
};

/**
 * A terminal is asked for in `spec.terminal` or in `stdio.terminal`: either means both.
 * @throws RxshimError `invalidArgument` when one says yes and the other no.
 */
export const agreeOnTerminal = <R extends { readonly spec?: ProcessSpec; readonly stdio?: StdioRequest }>(
  request: R,
): R & { readonly stdio: StdioRequest } => {
  const { spec, stdio: given = {} } = request;
  if (Array.isArray(given)) throw invalid('stdio', given, "an object such as { stdout: 'pipe' }");
  requireObject('stdio', given);
  refuseUnknown('stdio.', given, stdioFields);
  const stdio = withNames(given);
  const { terminal } = stdio;
  const asked = spec?.terminal;
  if (terminal !== undefined && typeof terminal !== 'boolean') {
    throw invalid('stdio.terminal', terminal, 'true or false');
  }
  if (terminal !== undefined && asked !== undefined && terminal !== asked) {
    throw invalid('stdio.terminal', terminal, `what spec.terminal says, ${asked}`);
  }
  const wanted = terminal ?? asked;
  // Nothing said means no.
  if (wanted !== true) return { ...request, stdio };
  const agreed = { ...request, stdio: { ...stdio, terminal: wanted } };
  return spec === undefined ? agreed : { ...agreed, spec: { ...spec, terminal: wanted } };
};

/** Opens stdio for a process of a task. A logger's environment names the container, whichever exec it logs for. */
export const openStdio = (
  { id, namespace, scheduler, log }: TaskOptions,
  stdio: StdioRequest,
): Observable<UpstreamIo> =>
  openUpstream(
    stdio,
    { containerId: id, ...(namespace === undefined ? {} : { namespace }) },
    { ...(scheduler === undefined ? {} : { scheduler }), ...(log === undefined ? {} : { log }) },
  ).pipe(catchError((error) => throwError(() => atPath('stdio.', error))));
