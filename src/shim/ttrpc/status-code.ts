/** The codes of google.rpc.Status, by the names that containerd's errdefs has for these classes of error. */

export const statusCode = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  notImplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

/** The class of a failed call. */
export type FailureKind = Exclude<keyof typeof statusCode, 'ok'>;

const kinds = new Map<number, FailureKind>(
  Object.entries(statusCode)
    .filter(([name]) => name !== 'ok')
    .map(([name, code]) => [code, name as FailureKind]),
);

/** The class that a code stands for: `unknown` for codes that are not in the list. */
export const kindOfCode = (code: number): FailureKind => kinds.get(code) ?? 'unknown';
