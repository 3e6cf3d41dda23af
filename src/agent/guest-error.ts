/**
 * What a guest refuses a request with: an HRESULT and a text.
 */
import { type ErrorKind, kindOf, messageOf, RxshimError } from '../hcs/failures/errors.js';
import { hresults } from '../hcs/guest/protocol/hresults.js';

export class GuestError extends Error {
  override readonly name = 'GuestError';
  /** Unsigned, 32 bits. */
  readonly hresult: number;

  constructor(hresult: number, message?: string, cause?: unknown) {
    super(message ?? `HRESULT: 0x${hresult.toString(16)}`, cause === undefined ? undefined : { cause });
    this.hresult = hresult;
  }
}

export const systemNotFound = (): GuestError => new GuestError(hresults.systemNotFound);
export const processNotFound = (): GuestError => new GuestError(hresults.notFound);

export const malformed = (what: string, why: string): GuestError =>
  new GuestError(
    hresults.invalidJson,
    `failed to unmarshal JSON ${what}: HRESULT 0x${hresults.invalidJson.toString(16)}: ${why}`,
  );

/** Whatever was thrown, as what the host is told. */
export const guestErrorOf = (error: unknown): GuestError => {
  if (error instanceof GuestError) return error;
  const { exitStatus } = error instanceof RxshimError ? error : {};
  if (exitStatus === 127) return new GuestError(hresults.fileNotFound, textOf(error), error);
  if (exitStatus === 126) return new GuestError(hresults.accessDenied, textOf(error), error);
  return new GuestError(codes[kindOf(error)], textOf(error), error);
};

const codes: Readonly<Record<ErrorKind, number>> = {
  // Of an engine: what it was given is not there. Whether that is a process or a system is said where it is known.
  notFound: hresults.fail,
  alreadyExists: hresults.systemAlreadyExists,
  failedPrecondition: hresults.invalidState,
  invalidArgument: hresults.invalidArgument,
  unavailable: hresults.fail,
  notImplemented: hresults.notImplemented,
  truncated: hresults.fail,
  unknown: hresults.fail,
};

// Its last words are containerd's name for its kind, which the host adds again.
const textOf = (error: unknown): string => {
  const text = messageOf(error);
  return error instanceof RxshimError ? text.slice(0, text.lastIndexOf(': ')) : text;
};
