/**
 * Reads a request into what has to be opened, or says what is wrong with it, before anything is.
 */
import { invalid, RxshimError } from '../../../hcs/failures/errors.js';
import { type LoggerPlan, loggerPlan } from '../logger/logger-plan.js';
import type { InputRequest, UpstreamRequest } from './stdio-request.js';
import {
  type InputPlan,
  inputPlan,
  isConnected,
  isName,
  type OutputPlan,
  outputPlan,
} from './stream-plan.js';
import { schemeOf } from './uri.js';

export interface StreamsPlan {
  readonly kind: 'streams';
  readonly stdin: InputPlan | undefined;
  readonly stdout: OutputPlan | undefined;
  readonly stderr: OutputPlan | undefined;
}

/**
 * With a logging program, what is asked of stdin is ignored, as the original does; and so is all that is asked of
 * stderr, which the program gets too.
 *
 * @throws RxshimError `invalidArgument` with the name of the stream, `failedPrecondition` for a terminal with stderr.
 */
export const planOf = (request: UpstreamRequest): StreamsPlan | LoggerPlan => {
  const { stdout, stderr, terminal, whenReaderLeaves } = request;
  const stdin = stdinOf(request);
  if (whenReaderLeaves !== undefined && whenReaderLeaves !== 'close' && whenReaderLeaves !== 'discard')
    throw invalid('whenReaderLeaves', whenReaderLeaves, "'close' or 'discard'");
  if (terminal !== undefined && typeof terminal !== 'boolean')
    throw invalid('terminal', terminal, 'true or false');
  if (terminal === true && isConnected(stderr))
    throw new RxshimError('failedPrecondition', 'if using terminal, stderr must be empty');
  const scheme = typeof stdout === 'string' ? schemeOf(stdout) : undefined;
  if (scheme === 'binary') return loggerPlan(stdout as string);
  const out = outputPlan('stdout', stdout);
  const follows = stderr === 'stdout' || (scheme === 'file' && terminal !== true && isName(stderr));
  return {
    kind: 'streams',
    stdin: inputPlan(stdin),
    stdout: out,
    stderr: follows ? out : outputPlan('stderr', stderr),
  };
};

const stdinOf = ({ stdin, input }: UpstreamRequest): InputRequest | string => {
  if (input === undefined) return stdin;
  if (isConnected(stdin)) throw invalid('input', input, 'nothing besides stdin');
  if (typeof input === 'string') return [input];
  if (input instanceof Uint8Array) return input;
  throw invalid('input', input, 'text or bytes');
};
