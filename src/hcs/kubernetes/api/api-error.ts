/**
 * Failures of the API server as typed errors.
 *
 * The server answers with a `Status` document; what it passes through from a kubelet is plain text. `cause` is what was
 * answered, with its status code.
 */
import { type ErrorKind, messageOf, RxshimError } from '../../failures/errors.js';

/** The API server's answer to a request that it refused. */
export interface ServerAnswer extends Error {
  /** The status code of HTTP. */
  readonly status: number;
  /** `NotFound`, `AlreadyExists`, `Forbidden`…; empty where the answer names none. */
  readonly reason: string;
}

interface StatusDocument {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message?: string }[] };
}

/** The status that the server answered with, if the error is an answer. */
export const statusIn = (error: unknown): number | undefined => answerIn(error)?.status;

export const reasonIn = (error: unknown): string => answerIn(error)?.reason ?? '';

const answerIn = (error: unknown): ServerAnswer | undefined => {
  const { cause } = (error instanceof RxshimError ? error : {}) as { readonly cause?: ServerAnswer };
  return typeof cause?.status === 'number' ? cause : undefined;
};

/**
 * @param what the operation and its object: `create pod web`.
 * @param needs what a role must allow for it: `create on pods`.
 */
export const refused = (what: string, status: number, body: string, needs: string): RxshimError => {
  const document = parsed(body);
  const message = document.message?.trim() || body.trim().slice(0, maxText) || `status ${status}`;
  const reason = document.reason ?? '';
  const cause: ServerAnswer = Object.assign(new Error(message), { status, reason });
  const field = document.details?.causes?.find(({ field }) => field)?.field;
  return new RxshimError(kindOfAnswer(status, reason, message), `${what}: ${message}${hint(status, needs)}`, {
    cause,
    ...(field !== undefined && { invalid: { field, value: undefined } }),
  });
};

const hint = (status: number, needs: string): string =>
  status === 403 ? ` (the role must allow ${needs})` : '';

const maxText = 1_000;

const parsed = (body: string): StatusDocument => {
  try {
    const document: unknown = JSON.parse(body);
    return typeof document === 'object' && document !== null ? document : {};
  } catch {
    return {};
  }
};

const kindOfAnswer = (status: number, reason: string, message: string): ErrorKind => {
  if (status === 409) return reason === 'AlreadyExists' ? 'alreadyExists' : 'failedPrecondition';
  if (status === 500 && /container not found|is not running/.test(message)) return 'failedPrecondition';
  if (
    status === 400 &&
    /does not have a host|waiting to start|is not valid for pod|choose one of/.test(message)
  )
    return /waiting to start|does not have a host/.test(message) ? 'failedPrecondition' : 'invalidArgument';
  return byStatus[status] ?? (status >= 500 ? 'unavailable' : 'unknown');
};

const byStatus: Readonly<Record<number, ErrorKind>> = {
  400: 'invalidArgument',
  401: 'permissionDenied',
  403: 'permissionDenied',
  404: 'notFound',
  405: 'notImplemented',
  410: 'unavailable',
  422: 'invalidArgument',
  429: 'unavailable',
};

/** No answer came: the server cannot be reached, or the connection broke. */
export const unreachable = (what: string, server: URL, cause: unknown): RxshimError =>
  cause instanceof RxshimError
    ? cause
    : new RxshimError('unavailable', `${what}: API server at ${server.origin}: ${messageOf(cause)}`, {
        cause,
      });
