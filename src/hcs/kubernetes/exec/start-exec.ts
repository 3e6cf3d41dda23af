/**
 * Starts a process beside a container's first one, by pods/exec, and emits it when it runs.
 *
 * A server confirms neither the start nor, over v5, the end of a command. So the command is run by the confirming script,
 * which says both. In an image without a shell the command runs by itself, with what its server says (docs/kubernetes.md
 * lists what is lost).
 */
import { randomBytes } from 'node:crypto';
import { from, type Observable } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import { confirmationFilter } from '../../in-container/confirmation-filter.js';
import { type Confirmation, confirmingName, confirmingScript } from '../../in-container/confirming-script.js';
import { markVariable, newMark } from '../../in-container/marks.js';
import type { PodContext } from '../pod/pod-context.js';
import { type Channels, type ChannelsEnd, openChannels, v4, v5 } from './channels.js';
import { confirmedProcess } from './confirmed-process.js';
import type { ExecDescription } from './exec-description.js';
import { type ExecStreams, execRequest } from './exec-request.js';
import { plainProcess } from './plain-process.js';
import { startFailure } from './status.js';

/** @param id by which a later program finds it. */
export const startExec = (
  pod: PodContext,
  parameters: ProcessParameters,
  id?: string,
): Observable<ComputeProcess> => from(started(pod, parameters, id));

const started = async (
  pod: PodContext,
  parameters: ProcessParameters,
  id: string | undefined,
): Promise<ComputeProcess> => {
  if (pod.phase !== 'running') throw new RxshimError('failedPrecondition', `pod ${pod.name} is not running`);
  const description = describe(parameters);
  if (pod.hasShell === false) return startPlain(pod, description);
  try {
    const process = await startConfirmed(pod, description, id);
    pod.hasShell = true;
    return process;
  } catch (error) {
    if (!(error instanceof NoShell)) throw error;
    pod.hasShell = false;
    return startPlain(pod, description);
  }
};

/** @throws RxshimError `invalidArgument`, or `notImplemented` for what pods/exec cannot do. */
const describe = (parameters: ProcessParameters): ExecDescription => {
  const {
    OciProcess,
    CreateStdInPipe = false,
    CreateStdOutPipe = false,
    CreateStdErrPipe = false,
  } = parameters;
  const { args = [], env = [], cwd = '', user, terminal = false, consoleSize } = OciProcess ?? {};
  if (args.length === 0) throw invalid('args', args, 'a list with at least an executable');
  if (user !== undefined)
    throw new RxshimError(
      'notImplemented',
      'user: an exec has the user of its container, pods/exec sets no other',
    );
  for (const pair of env)
    if (!/^[A-Za-z_]\w*=/.test(pair)) throw invalid('env', pair, 'NAME=value with a name that a shell takes');
  return {
    args,
    env,
    cwd,
    terminal,
    size: terminal ? consoleSize : undefined,
    stdin: CreateStdInPipe,
    stdout: CreateStdOutPipe,
    stderr: CreateStdErrPipe && !terminal,
  };
};

const streamsOf = ({ stdin, terminal }: ExecDescription): ExecStreams => ({ stdin, stderr: true, terminal });

/** The image has no shell, so that nothing was started. */
class NoShell extends Error {}

const startConfirmed = async (
  pod: PodContext,
  description: ExecDescription,
  id: string | undefined,
): Promise<ComputeProcess> => {
  const { args, env, cwd, terminal, size } = description;
  const nonce = randomBytes(8).toString('hex');
  const mark = newMark(markVariable, id);
  const forgotten = pod.settledExecs.splice(0, maxForgotten);
  const words = ['sh', '-c', confirmingScript, confirmingName];
  const values = [nonce, mark, cwd, forgotten.join(' '), String(env.length), ...env, ...args];
  const request = execRequest(pod, [...words, ...values], streamsOf(description));

  let confirm = (_: Confirmation): void => undefined;
  let pid = 0;
  const start = new Promise<Confirmation>((resolve) => {
    confirm = resolve;
  });
  let confirmEnd = (_: number): void => undefined;
  const confirmedEnd = new Promise<number>((resolve) => {
    confirmEnd = resolve;
  });
  const filter = confirmationFilter(nonce, (confirmation) => {
    if (confirmation.kind === 'ended') confirmEnd(confirmation.code);
    else confirm(confirmation);
  });
  const channels = await openChannels(pod.cluster, request, {
    // v4 would kill the command with its connection.
    protocols: [v5, v4],
    terminal,
    filter: (channel, bytes) => ((channel === 1) === terminal ? filter.take(bytes) : [bytes]),
  });
  if (size !== undefined) await channels.resize(size).catch(() => undefined);
  const first = await Promise.race([start, channels.end]);
  if ('kind' in first && first.kind === 'started') pid = first.pid;
  else {
    channels.destroy();
    throw 'kind' in first ? failureOf(request.what, first) : neverStarted(request.what, first);
  }
  return confirmedProcess(pod, { channels, filter, nonce, mark, pid, confirmedEnd, description });
};

/** As many as a request may name without becoming long. */
const maxForgotten = 32;

const failureOf = (what: string, confirmation: Confirmation): unknown =>
  confirmation.kind === 'failed'
    ? startFailure(what, confirmation.text)
    : new RxshimError('unknown', `${what}: it has ended before it was started`);

const neverStarted = (what: string, { status }: ChannelsEnd): unknown => {
  if (status?.kind === 'failure')
    return /"sh"|\bsh: /.test(status.message) && /not found|no such file/.test(status.message)
      ? new NoShell(status.message)
      : startFailure(what, status.message);
  if (status?.kind === 'code' && (status.code === 126 || status.code === 127))
    return new RxshimError('failedPrecondition', `${what}: its shell ended with ${status.code}`);
  return new RxshimError('unavailable', `${what}: the connection was lost before the command was started`);
};

const startPlain = async (pod: PodContext, description: ExecDescription): Promise<ComputeProcess> => {
  const { args, env, cwd, stdin, terminal, size } = description;
  if (cwd !== '' && cwd !== '/')
    throw new RxshimError(
      'notImplemented',
      `cwd: it needs a shell, which the image of pod ${pod.name} lacks`,
    );
  const command = env.length === 0 ? args : ['env', ...env, ...args];
  const request = execRequest(pod, command, streamsOf(description));
  const channels: Channels = await openChannels(pod.cluster, request, {
    protocols: stdin && !terminal ? [v5, v4] : [v4, v5],
    terminal,
  });
  if (size !== undefined) await channels.resize(size).catch(() => undefined);
  return plainProcess(pod, request.what, channels, description);
};
