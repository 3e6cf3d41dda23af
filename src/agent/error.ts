/**
 * The error that an agent answers a request with: an HRESULT and a message.
 */
import { type ErrorKind, kindOf, messageOf, RxshimError } from '../hcs/failures/errors.js';
import { hresults } from '../hcs/guest/protocol/hresults.js';

export class AgentError extends Error {
  override readonly name = 'AgentError';
  /** Unsigned, 32 bits. */
  readonly hresult: number;

  constructor(hresult: number, message?: string, cause?: unknown) {
    super(message ?? `HRESULT: 0x${hresult.toString(16)}`, cause === undefined ? undefined : { cause });
    this.hresult = hresult;
  }
}

export const systemNotFound = (): AgentError => new AgentError(hresults.systemNotFound);
export const processNotFound = (): AgentError => new AgentError(hresults.notFound);

export const malformed = (what: string, why: string): AgentError =>
  new AgentError(
    hresults.invalidJson,
    `failed to unmarshal JSON ${what}: HRESULT 0x${hresults.invalidJson.toString(16)}: ${why}`,
  );

/** Converts any error to the answer for the host. */
export const agentErrorOf = (error: unknown): AgentError => {
  if (error instanceof AgentError) return error;
  const { exitStatus } = error instanceof RxshimError ? error : {};
  if (exitStatus === 127) return new AgentError(hresults.fileNotFound, textOf(error), error);
  if (exitStatus === 126) return new AgentError(hresults.accessDenied, textOf(error), error);
  return new AgentError(codes[kindOf(error)], textOf(error), error);
};

const codes: Readonly<Record<ErrorKind, number>> = {
  // From an engine: something it was given does not exist. Where it is known to be a process or a system, a specific
  // code is used.
  notFound: hresults.fail,
  alreadyExists: hresults.systemAlreadyExists,
  failedPrecondition: hresults.invalidState,
  invalidArgument: hresults.invalidArgument,
  permissionDenied: hresults.accessDenied,
  unavailable: hresults.fail,
  resourceExhausted: hresults.fail,
  notImplemented: hresults.notImplemented,
  truncated: hresults.fail,
  unknown: hresults.fail,
};

// The message ends with the name of its kind, which the host would append again.
const textOf = (error: unknown): string => {
  const text = messageOf(error);
  return error instanceof RxshimError ? text.slice(0, text.lastIndexOf(': ')) : text;
};
