/**
 * Has the runtime start a process inside of a container, and takes it over as a child of this process.
 *
 * The process is the runtime's child until the runtime has ended, and then, as this process is a subreaper, one of its
 * own: a process that ended long before is a zombie, which keeps its number until its end is read here.
 */
import { readFileSync } from 'node:fs';
import { RxshimError } from '../../failures/errors.js';
import type { CallerStreams } from '../../native/pipe/streams.js';
import { type Launched, launched } from '../../native/process/launched.js';
import { beginLaunch, lookForOrphans, watchOrphans } from '../../native/process/orphans.js';
import { isAwaited, isChild, reap } from '../../native/process/reap.js';
import type { CommandEnd, Runtime } from '../command/runtime.js';
import { runtimeError, succeeded } from '../command/runtime-error.js';
import { openScratch, type Scratch } from '../command/scratch.js';
import type { Connection } from './connection.js';

export interface Start {
  readonly verb: 'create' | 'exec' | 'restore';
  readonly options: (scratch: Scratch) => readonly string[];
  readonly operands: readonly string[];
  readonly connect: (scratch: Scratch) => Connection;
  readonly begun?: (kill: () => void) => void;
  /** What the process is to bear, by way of the runtime. */
  readonly mark?: number;
}

export interface Inside {
  readonly launched: Launched;
  readonly streams: CallerStreams;
}

/**
 * Calls back once, with the process or with an `RxshimError`; then nothing of it is left here, and what is left with
 * the runtime is the caller's to remove.
 */
export const startInside = (
  runtime: Runtime,
  { verb, options, operands, connect, begun, mark }: Start,
  done: (result: Inside | Error) => void,
): void => {
  watchOrphans();
  const endLaunch = beginLaunch();
  let scratch: Scratch | undefined;
  let connection: Connection | undefined;
  const fail = (error: unknown): void => {
    endLaunch();
    // A runtime that was cut short may have left a half-made process, whose zombie keeps its namespace from ending.
    lookForOrphans();
    connection?.close();
    scratch?.remove();
    done(error as Error);
  };
  const takeOver = (end: CommandEnd, { path, remove }: Scratch): void => {
    if (!succeeded(end)) throw runtimeError(runtime.name, verb, end);
    const pid = pidIn(runtime, verb, path(pidFile));
    const taken = launched({ pid, watch: (ended) => reap(pid, ended) });
    endLaunch();
    connection?.connected((streams) => {
      if (streams instanceof Error) {
        taken.send(9);
        return fail(streams);
      }
      remove();
      done({ launched: taken, streams });
    });
  };
  try {
    const files = openScratch();
    scratch = files;
    connection = connect(files);
    const { args, child } = connection;
    const log = files.path('log.json');
    const command = [verb, ...options(files), ...args, '--pid-file', files.path(pidFile), ...operands];
    const marked = mark !== undefined && { mark };
    runtime.run({ args: command, stdio: child, log, ...(begun && { begun }), ...marked }).subscribe({
      next: (end) => {
        connection?.started();
        try {
          takeOver(end, files);
        } catch (error) {
          fail(error);
        }
      },
      error: fail,
    });
  } catch (error) {
    fail(error);
  }
};

const pidFile = 'pid';

const pidIn = ({ name }: Runtime, verb: string, path: string): number => {
  const refuse = (why: string) => new RxshimError('unknown', `OCI runtime ${verb} failed: ${name} ${why}`);
  let text: string;
  try {
    text = readFileSync(path, 'latin1').slice(0, 100);
  } catch {
    throw refuse('wrote no pid file');
  }
  const pid = /^\s*[1-9]\d{0,9}\s*$/.test(text) ? Number(text) : 0;
  // Whatever the file says, nothing is signalled or waited for that is not a child of this very process.
  if (pid < 2 || isAwaited(pid) || !isChild(pid))
    throw refuse(`wrote ${JSON.stringify(text)} as a process id`);
  return pid;
};
