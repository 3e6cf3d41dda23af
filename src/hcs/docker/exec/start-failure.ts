/**
 * A process that could not be started looks like one that has written a line: daemons answer the start with a stream, and
 * put the runtime's message into it.
 */
import { RxshimError } from '../../failures/errors.js';
import { meaningOfStart } from '../api/api-error.js';

/** How the messages of Podman begin. Docker's need not be known: it keeps the process id of what has run. */
const beginnings = ['Error: '];

/** Whether what Podman has written so far may be such a message. */
export const maySayFailure = (text: string): boolean =>
  beginnings.some((beginning) => text.startsWith(beginning) || beginning.startsWith(text));

/** The error of a failed start, from its message and the exit code that was reported for it. */
export const startFailure = (name: string, message: string, code: number | null): RxshimError => {
  const text = message.trim() || `ended with ${code} before it was started`;
  const [kind, exitStatus] =
    meaningOfStart(text) ??
    (code === 127
      ? (['notFound', 127] as const)
      : (['failedPrecondition', ...(code === 126 ? ([126] as const) : [])] as const));
  return new RxshimError(kind, `exec in container ${name}: ${text}`, {
    ...(exitStatus !== undefined && { exitStatus }),
  });
};
