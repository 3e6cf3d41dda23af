/**
 * What a failed command of the runtime means, in the runtime's own words.
 */

import { hasCode } from '../../contract/exit-code.js';
import { type ErrorKind, RxshimError } from '../../failures/errors.js';
import type { CommandEnd } from './runtime.js';

/** Whether the command did what it was asked. */
export const succeeded = ({ exit }: CommandEnd): boolean => exit.kind === 'exited' && exit.code === 0;

/** The container, or the process in it, is no more. */
export const saysGone = (end: CommandEnd): boolean =>
  /process already finished|container (`.*` )?(is )?not running|no such process|does not exist/i.test(
    lastError(end) ?? end.messages,
  );

/** Nothing is known of such a container. */
export const saysUnknown = (end: CommandEnd): boolean =>
  /does not exist/.test(lastError(end) ?? end.messages);

/** A typed error for a command that failed; `verb` is what the command was. */
export const runtimeError = (runtime: string, verb: string, end: CommandEnd): RxshimError => {
  if (end.overdue)
    return new RxshimError('unavailable', `OCI runtime ${verb} failed: ${runtime} did not answer`);
  const why = lastError(end);
  const [kind, exitStatus] = meaningOf(why ?? '');
  return new RxshimError(kind, `OCI runtime ${verb} failed: ${why ?? unexplained(runtime, end)}`, {
    ...(exitStatus && { exitStatus }),
  });
};

/** In the words of runc and of crun, the first that fits. */
const meanings: readonly (readonly [RegExp, ErrorKind, exitStatus?: 126 | 127])[] = [
  [/already exists/, 'alreadyExists'],
  [/container .*does not exist/, 'notFound'],
  [/executable file .*not found|exec: .*: no such file or directory/, 'notFound', 127],
  [/exec: .*: (permission denied|is a directory|exec format error)/, 'failedPrecondition', 126],
  [/open executable: /, 'failedPrecondition', 126],
  [/not running|not stopped|already running|has stopped|stopped container|not paused/, 'failedPrecondition'],
  [/paused container|in `created` or `stopped` state/, 'failedPrecondition'],
];

const meaningOf = (why: string): readonly [ErrorKind, exitStatus: 126 | 127 | undefined] => {
  const [, kind = 'unknown', exitStatus] = meanings.find(([pattern]) => pattern.test(why)) ?? [];
  return [kind, exitStatus];
};

/** The message of the last line of the log that is an error. */
const lastError = ({ messages }: CommandEnd): string | undefined =>
  messages
    .split('\n')
    .reverse()
    .map(errorIn)
    .find((message) => message !== undefined);

const errorIn = (line: string): string | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, msg } = JSON.parse(line) as { level?: unknown; msg?: unknown };
    return level === 'error' && typeof msg === 'string' ? msg.trim() : undefined;
  } catch {
    return undefined;
  }
};

const mostWords = 1000;

// Without a message of the runtime: what it wrote all the same, or how it ended.
const unexplained = (runtime: string, { exit, messages }: CommandEnd): string => {
  const words = messages.trim().slice(-mostWords);
  const how =
    exit.kind === 'signaled'
      ? `${runtime} was killed by signal ${exit.signal}`
      : hasCode(exit)
        ? `${runtime} ended with exit status ${exit.code}`
        : `${runtime}: ${exit.kind === 'unknown' ? exit.reason : ''}`;
  return words === '' ? how : `${how}: ${words}`;
};
