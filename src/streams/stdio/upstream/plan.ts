/**
 * Reads a request into what has to be opened, or says what is wrong with it, before anything is.
 */
import { invalid, RxshimError } from '../../../hcs/errors.js';
import { type LoggerPlan, loggerPlan } from './logger-plan.js';
import {
  type InputPlan,
  inputPlan,
  isConnected,
  isName,
  type OutputPlan,
  outputPlan,
} from './plan-stream.js';
import type { StdioRequest } from './stdio-request.js';
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
export const planOf = ({ stdin, stdout, stderr, terminal }: StdioRequest): StreamsPlan | LoggerPlan => {
  if (terminal !== undefined && typeof terminal !== 'boolean')
    throw invalid('terminal', terminal, 'true or false');
  if (terminal === true && isConnected(stderr))
    throw new RxshimError('failedPrecondition', 'if using terminal, stderr must be empty');
  const scheme = typeof stdout === 'string' ? schemeOf(stdout) : undefined;
  if (scheme === 'binary') return loggerPlan(stdout as string);
  const out = outputPlan('stdout', stdout);
  const follows = scheme === 'file' && terminal !== true && isName(stderr);
  return {
    kind: 'streams',
    stdin: inputPlan(stdin),
    stdout: out,
    stderr: follows ? out : outputPlan('stderr', stderr),
  };
};
