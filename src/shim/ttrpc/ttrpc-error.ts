/**
 * The failure of a call, on either side of it.
 *
 * A server answers any error whose `kind` is one of these classes with the code of that class, whichever module created
 * the error, and keeps its text. A client gets every failure as a `TtrpcError`.
 */
import { type FailureKind, kindOfCode, statusCode } from './status-code.js';

/** A class of failure, or `closed`: the connection was lost before the answer, and the outcome is unknown. */
export type TtrpcErrorKind = FailureKind | 'closed';

export class TtrpcError extends Error {
  override readonly name = 'TtrpcError';
  readonly kind: TtrpcErrorKind;
  /** The code of the status, as the peer sent it or would have. */
  readonly code: number;

  constructor(kind: TtrpcErrorKind, message: string, details: { code?: number; cause?: unknown } = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.kind = kind;
    this.code = details.code ?? codeOfKind(kind) ?? statusCode.unknown;
  }
}

export const failureOf = (code: number, message: string): TtrpcError =>
  new TtrpcError(kindOfCode(code), message, { code });

const codeOfKind = (kind: unknown): number | undefined => {
  if (kind === 'closed') return statusCode.unavailable;
  if (kind === 'ok' || typeof kind !== 'string' || !Object.hasOwn(statusCode, kind)) return undefined;
  return statusCode[kind as FailureKind];
};

const codeOfName = new Map<unknown, number>([
  ['AbortError', statusCode.canceled],
  ['TimeoutError', statusCode.deadlineExceeded],
]);

/** As much of an error as is looked at. It may come from another realm, so `instanceof Error` says little. */
type Thrown =
  | { readonly name?: unknown; readonly kind?: unknown; readonly message?: unknown }
  | null
  | undefined;

/** The text of anything that was thrown. */
export const textOf = (error: unknown): string => {
  const message = (error as Thrown)?.message;
  return typeof message === 'string' ? message : String(error);
};

/** How an error that a handler threw is answered. */
export const statusOfError = (error: unknown): { code: number; message: string } => {
  const thrown = error as Thrown;
  const code =
    error instanceof TtrpcError ? error.code : (codeOfKind(thrown?.kind) ?? codeOfName.get(thrown?.name));
  // OK with an error's text would be a success.
  return { code: code || statusCode.unknown, message: withoutClass(textOf(error), thrown?.kind) };
};

/** The code names the class; clients of containerd before 2.0 add its text to the message again. */
const withoutClass = (message: string, kind: unknown): string => {
  const text = classTexts.get(kind);
  return text !== undefined && message.endsWith(`: ${text}`) ? message.slice(0, -text.length - 2) : message;
};

/** How errors of rxshim end, by their kind: see containerd's errdefs. */
const classTexts = new Map<unknown, string>([
  ['notFound', 'not found'],
  ['alreadyExists', 'already exists'],
  ['failedPrecondition', 'failed precondition'],
  ['invalidArgument', 'invalid argument'],
  ['unavailable', 'unavailable'],
  ['notImplemented', 'not implemented'],
  ['unknown', 'unknown'],
]);
