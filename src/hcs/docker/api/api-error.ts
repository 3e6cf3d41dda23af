/**
 * Failures of a daemon as typed errors.
 *
 * Docker's status codes say what is wrong; Podman gives 500 for most of it, so its text is read where the status says
 * nothing. `cause` is what the daemon said, with its status.
 */
import { type ErrorKind, messageOf, RxshimError } from '../../failures/errors.js';
import { type Endpoint, endpointText } from './endpoint.js';

/** The daemon's answer to a request that it refused. */
export interface DaemonAnswer extends Error {
  /** The status code of HTTP. */
  readonly status: number;
}

/** The status that a daemon answered with, if the error is a daemon's answer. */
export const statusIn = (error: unknown): number | undefined => {
  const { status } = (error instanceof RxshimError ? (error.cause ?? {}) : {}) as {
    readonly status?: unknown;
  };
  return typeof status === 'number' ? status : undefined;
};

/** @param what the operation and its object: `create container web`. */
export const refused = (what: string, status: number, body: string): RxshimError => {
  const message = textIn(body) || `status ${status}`;
  const cause: DaemonAnswer = Object.assign(new Error(message), { status });
  const [kind, exitStatus] = meaningOf(status, message);
  return new RxshimError(kind, `${what}: ${message}`, {
    cause,
    ...(exitStatus !== undefined && { exitStatus }),
  });
};

/** A failure that a daemon reports within an answer that began well. */
export const failureByText = (what: string, message: string): RxshimError => {
  const [kind] = byText.find(([pattern]) => pattern.test(message))?.[1] ?? ['unknown'];
  return new RxshimError(kind, `${what}: ${message.trim()}`);
};

/** No answer came: the daemon does not run, cannot be reached, or the connection broke. */
export const unreachable = (what: string, endpoint: Endpoint, cause: unknown): RxshimError => {
  if (cause instanceof RxshimError) return cause;
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  const kind = code === 'EACCES' || code === 'EPERM' ? 'permissionDenied' : 'unavailable';
  return new RxshimError(kind, `${what}: daemon at ${endpointText(endpoint)}: ${messageOf(cause)}`, {
    cause,
  });
};

/** Whether nothing listens at the daemon's address. Over ssh that is not known. */
export const isRefused = (error: unknown): boolean => {
  const { code } = (error instanceof RxshimError ? (error.cause ?? {}) : {}) as { readonly code?: unknown };
  return code === 'ECONNREFUSED' || code === 'ENOENT';
};

const textIn = (body: string): string => {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    if (typeof message === 'string') return message.trim();
  } catch {
    // Podman answers some failures in plain text.
  }
  return body.trim().slice(0, maxText);
};

const maxText = 1_000;

type Meaning = readonly [kind: ErrorKind, exitStatus?: 126 | 127];

const meaningOf = (status: number, message: string): Meaning => {
  const start = meaningOfStart(message);
  if (start !== undefined) return start;
  return byStatus[status] ?? byText.find(([pattern]) => pattern.test(message))?.[1] ?? ['unknown'];
};

/** The failure that a runtime reports for a process that it cannot start; `undefined` for any other text. */
export const meaningOfStart = (message: string): Meaning | undefined =>
  startFailures.find(([pattern]) => pattern.test(message))?.[1];

const diskFull = [/no space left on device|disk quota exceeded/i, ['resourceExhausted']] as const;

const startFailures: readonly (readonly [RegExp, Meaning])[] = [
  diskFull,
  [/chdir to cwd|workdir .*not a directory|working directory|Cwd must be/, ['invalidArgument']],
  [/unable to find user|no matching entries in passwd/, ['invalidArgument']],
  [
    /executable file .*not found|exec: .*no such file or directory|stat .*no such file or directory/,
    ['notFound', 127],
  ],
  [
    /exec: .*(permission denied|is a directory|exec format error)|exec format error/,
    ['failedPrecondition', 126],
  ],
];

const byStatus: Readonly<Record<number, Meaning>> = {
  400: ['invalidArgument'],
  401: ['permissionDenied'],
  403: ['permissionDenied'],
  404: ['notFound'],
  405: ['notImplemented'],
  409: ['failedPrecondition'],
  501: ['notImplemented'],
  503: ['unavailable'],
};

/** For 500, which Podman gives where Docker has a status of its own. The first that fits. */
const byText: readonly (readonly [RegExp, Meaning])[] = [
  diskFull,
  [/unauthorized|authentication required|denied: |access to the resource is denied/i, ['permissionDenied']],
  [/already in use|already exists/i, ['alreadyExists']],
  [
    /no such container|no such exec|no such image|image not known|manifest unknown|not found: manifest|repository .* not found/i,
    ['notFound'],
  ],
  [
    /not running|state improper|is paused|already running|can only kill|is not paused|can only/i,
    ['failedPrecondition'],
  ],
  [
    /dial tcp|connection refused|no such host|i\/o timeout|network is unreachable|Temporary failure/i,
    ['unavailable'],
  ],
  [/invalid|unknown signal/i, ['invalidArgument']],
];
