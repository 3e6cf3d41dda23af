/**
 * The error of a command that failed. Its message has the command, how it ended, and the last output on
 * stderr. It holds the whole result, and never the environment.
 */
import { kindOf, messageOf, RxshimError } from '../hcs/failures/errors.js';
import { signalName } from '../hcs/signals/names.js';
import { commandText } from './command-text.js';
import type { RunResult } from './run-interface.js';

/** How many bytes and lines of stderr a message shows. */
const maxBytes = 4_096;
const maxLines = 20;

/** The details of a `RunError` besides the result of the command. */
export interface RunErrorDetails {
  /** Which command of a pipeline failed. Default: the command of the result. */
  readonly failed?: RunResult<unknown>;
  /** The command as the message shows it. Default: that of the result. */
  readonly command?: string;
  /** The timeout that has passed, in milliseconds. */
  readonly timeout?: number | undefined;
  /** Why it was aborted. */
  readonly cause?: unknown;
}

/** The error of a command that failed. It has the whole result. */
export class RunError<R extends RunResult<unknown> = RunResult> extends RxshimError {
  override readonly name = 'RunError';
  readonly result: R;

  constructor(
    result: R,
    { failed = result, command = commandText(failed.argv), timeout, ...given }: RunErrorDetails = {},
  ) {
    const cause = failed.exit.kind === 'startFailed' ? failed.exit.error : given.cause;
    super(kindOf(cause), '', { ...(cause === undefined ? {} : { cause }), exitStatus: result.status });
    this.result = result;
    const written = lastLines(failed.all ?? failed.stderr);
    this.message = `run ${command}: ${reasonOf(failed, timeout)}${written && `\n\n${written}`}`;
    // The header of the stack is the message at its time.
    Error.captureStackTrace(this, RunError);
  }
}

const reasonOf = (result: RunResult<unknown>, timeout: number | undefined): string => {
  const { exit, stopped, ioErrors } = result;
  const how = endOf(result);
  if (stopped?.reason === 'timeout')
    return `timed out${timeout === undefined ? '' : ` after ${timeout} ms`}: ${how}`;
  if (stopped?.reason === 'aborted') return `aborted: ${how}`;
  if (stopped?.reason === 'unhealthy') return `unhealthy: ${how}`;
  if (stopped?.reason === 'maxOutput') return `wrote more than maxOutput: ${how}`;
  if (exit.kind === 'exited' && exit.code === 0 && ioErrors[0] !== undefined)
    return ioErrors[0].error.message;
  return how;
};

const endOf = ({ exit, stopped }: RunResult<unknown>): string => {
  const forced = stopped?.by === 'kill' && exit.kind === 'signaled' ? ' after its grace' : '';
  switch (exit.kind) {
    case 'exited':
      return `exited with status ${exit.code}`;
    case 'signaled':
      return `ended by ${nameOf(exit.signal)}${forced}`;
    case 'lost':
      return `its end is not known: ${exit.reason}`;
    case 'discarded':
      return 'it was never started';
    case 'startFailed':
      return messageOf(exit.error);
  }
};

const lastLines = (output: unknown): string => {
  const text = typeof output === 'string' ? output : Buffer.from(output as Uint8Array).toString();
  return text.slice(-maxBytes).trimEnd().split('\n').slice(-maxLines).join('\n');
};

const nameOf = (signal: number): string => {
  const name = signalName(signal);
  return name === undefined ? `signal ${signal}` : `SIG${name}`;
};
