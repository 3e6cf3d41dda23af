/**
 * A request for one process of a task, init or not: its command, and its stdio. The request is checked before anything is
 * opened, and `spec.terminal` and `stdio.terminal` are made to agree.
 */
import type { Observable } from 'rxjs';
import type { ProcessSpec } from '../../hcs/contract/process-spec.js';
import { invalid } from '../../hcs/failures/errors.js';
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
  const { args, env } = spec;
  if (
    env !== undefined &&
    env !== null &&
    !(Array.isArray(env) && env.every((entry) => typeof entry === 'string'))
  )
    // Environment values may be secrets.
    throw invalid('spec.env', undefined, 'a list of NAME=value');
  if (spec.commandLine) return;
  if (!Array.isArray(args) || args.length === 0)
    throw invalid('spec.args', args, 'a command and its arguments');
  args.forEach((arg, index) => {
    if (typeof arg !== 'string' || arg.includes('\0')) {
      throw invalid(`spec.args[${index}]`, arg, 'a text without NUL characters');
    }
  });
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
  );
