/**
 * Turns a failed command of the runtime into a typed error with the runtime's message.
 */

import { hasCode } from '../../contract/exit-code.js';
import { type ErrorKind, RxshimError } from '../../failures/errors.js';
import { logEntries } from './log-entries.js';
import type { CommandEnd } from './runtime.js';

/** Whether the command succeeded. */
export const succeeded = ({ exit }: CommandEnd): boolean => exit.kind === 'exited' && exit.code === 0;

/** The container or its process no longer runs. */
export const isNotRunning = (end: CommandEnd): boolean =>
  isNotFound(end) ||
  /process already finished|container ([`'].*[`'] )?(is )?not running|no such process/i.test(messageOf(end));

/** The runtime does not know the container. crun says so by the directory of its state. */
export const isNotFound = (end: CommandEnd): boolean =>
  /does not exist|cannot open directory [`'].*[`']: No such file or directory/.test(messageOf(end));

const messageOf = (end: CommandEnd): string => lastError(end) ?? end.messages;

/** The error of a failed command. `verb` names the command. */
export const runtimeError = (runtime: string, verb: string, end: CommandEnd): RxshimError => {
  if (end.timedOut)
    return new RxshimError('unavailable', `OCI runtime ${verb} failed: ${runtime} did not answer`);
  const why = lastError(end);
  const [kind, exitStatus] = meaningOf(why ?? '');
  return new RxshimError(kind, `OCI runtime ${verb} failed: ${why ?? describeExit(runtime, end)}`, {
    ...(exitStatus && { exitStatus }),
  });
};

/** Messages of runc and crun. The first match counts. */
const meanings: readonly (readonly [RegExp, ErrorKind, exitStatus?: 126 | 127])[] = [
  [/already exists/, 'alreadyExists'],
  [/container .*does not exist/, 'notFound'],
  [/executable file .*not found|exec: .*: no such file or directory/, 'notFound', 127],
  [/exec: .*: (permission denied|is a directory|exec format error)/, 'failedPrecondition', 126],
  // crun: 1.8, and later versions.
  [/open executable: |exists but it is not executable|is not a regular file/, 'failedPrecondition', 126],
  [/not running|not stopped|already running|has stopped|stopped container|not paused/, 'failedPrecondition'],
  [/paused container|in `created` or `stopped` state/, 'failedPrecondition'],
];

const meaningOf = (why: string): readonly [ErrorKind, exitStatus: 126 | 127 | undefined] => {
  const [, kind = 'unknown', exitStatus] = meanings.find(([pattern]) => pattern.test(why)) ?? [];
  return [kind, exitStatus];
};

/** The message of the last log entry that is an error. */
const lastError = ({ messages }: CommandEnd): string | undefined =>
  logEntries(messages)
    .filter(({ level, msg }) => level === 'error' && typeof msg === 'string')
    .map(({ msg }) => (msg as string).trim())
    .pop();

const maxLength = 1000;

// If the log holds no error: the raw output, or how the runtime ended.
const describeExit = (runtime: string, { exit, messages }: CommandEnd): string => {
  const words = messages.trim().slice(-maxLength);
  const how =
    exit.kind === 'signaled'
      ? `${runtime} was killed by signal ${exit.signal}`
      : hasCode(exit)
        ? `${runtime} ended with exit status ${exit.code}`
        : `${runtime}: ${exit.kind === 'unknown' ? exit.reason : ''}`;
  return words === '' ? how : `${how}: ${words}`;
};
