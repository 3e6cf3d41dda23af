/**
 * The status that a server sends at the end of a remote command, on channel 3.
 *
 * The invariant: only a code that the server has read counts as one. `Success` is zero only where nothing translated the
 * stream on its way: over v5 it may stand for a stream that broke off.
 */
import { type ErrorKind, RxshimError } from '../../failures/errors.js';

export type CommandStatus =
  | { readonly kind: 'success' }
  | { readonly kind: 'code'; readonly code: number }
  /** It was not started, or what became of it is not known. */
  | { readonly kind: 'failure'; readonly message: string };

interface StatusDocument {
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: {
    readonly causes?: readonly { readonly reason?: unknown; readonly message?: unknown }[];
  };
}

/** The text of a message differs by subprotocol: only its causes are read. */
export const parseStatus = (text: string): CommandStatus => {
  let document: StatusDocument;
  try {
    document = (JSON.parse(text) ?? {}) as StatusDocument;
  } catch {
    return { kind: 'failure', message: text.trim() };
  }
  if (document.status === 'Success') return { kind: 'success' };
  const exitCode = document.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  const code = Number(exitCode);
  if (document.reason === 'NonZeroExitCode' && exitCode !== undefined && Number.isInteger(code))
    return { kind: 'code', code };
  return { kind: 'failure', message: String(document.message ?? text).trim() };
};

/** The failure of a command that was never started, from the text of the container runtime. */
export const startFailure = (what: string, message: string): RxshimError => {
  const [kind, exitStatus] = startFailures.find(([pattern]) => pattern.test(message))?.[1] ?? unknownFailure;
  return new RxshimError(kind, `${what}: ${message}`, { ...(exitStatus !== undefined && { exitStatus }) });
};

type Meaning = readonly [kind: ErrorKind, exitStatus?: 126 | 127];

const unknownFailure: Meaning = ['failedPrecondition'];

const startFailures: readonly (readonly [RegExp, Meaning])[] = [
  [/chdir to cwd|working directory|Cwd must be|mkdir .*not a directory/, ['invalidArgument']],
  [/executable file .*not found|no such file or directory|: not found/, ['notFound', 127]],
  [/permission denied|is a directory|exec format error/, ['failedPrecondition', 126]],
];
