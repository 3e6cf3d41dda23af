/**
 * Launches a process in a container by the runtime and takes it over as a child of this process.
 *
 * The process is a child of the runtime until the runtime exits. It is then reparented to this process, which is a
 * subreaper. If it has already ended, it is a zombie that keeps its pid until it is reaped here.
 */
import { readFileSync } from 'node:fs';
import { RxshimError } from '../../failures/errors.js';
import type { CallerStreams } from '../../native/pipe/streams.js';
import { childHost } from '../../native/process/child-host.js';
import { lookForOrphans } from '../../native/process/descendants/orphans.js';
import type { Launched } from '../../native/process/launched.js';
import type { CommandEnd, Runtime } from '../command/runtime.js';
import { runtimeError, succeeded } from '../command/runtime-error.js';
import { openScratch, type Scratch } from '../command/scratch.js';
import type { Connection } from './connection.js';

export interface LaunchRequest {
  readonly verb: 'create' | 'exec' | 'restore';
  readonly options: (scratch: Scratch) => readonly string[];
  readonly operands: readonly string[];
  readonly connect: (scratch: Scratch) => Connection;
  readonly onSpawn?: (kill: () => void) => void;
  /** Where the runtime writes the pid of the process. Default: in the scratch directory. */
  readonly pidFile?: string | undefined;
  /** The mark that the process inherits from the runtime. */
  readonly mark?: number;
}

export interface ProcessInContainer {
  readonly launched: Launched;
  readonly streams: CallerStreams;
}

/**
 * Calls back once, with the process or with an `RxshimError`. After an error nothing is left in this process; the
 * caller removes what is left with the runtime.
 */
export const launchInContainer = (
  runtime: Runtime,
  { verb, options, operands, connect, onSpawn, mark, pidFile }: LaunchRequest,
  done: (result: ProcessInContainer | Error) => void,
): void => {
  const endLaunch = childHost().beginLaunch();
  let scratch: Scratch | undefined;
  let connection: Connection | undefined;
  const fail = (error: unknown): void => {
    endLaunch();
    // A killed runtime may have left a half-created process, whose zombie keeps its pid namespace alive.
    lookForOrphans();
    connection?.close();
    scratch?.remove();
    done(error as Error);
  };
  const takeOver = (end: CommandEnd, { path, remove }: Scratch): void => {
    if (!succeeded(end)) throw runtimeError(runtime.name, verb, end);
    const taken = takenFrom(runtime, verb, pidFile ?? path(pidFileName));
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
    const command = [
      verb,
      ...options(files),
      ...args,
      '--pid-file',
      pidFile ?? files.path(pidFileName),
      ...operands,
    ];
    const marked = mark !== undefined && { mark };
    runtime.run({ args: command, stdio: child, log, ...(onSpawn && { onSpawn }), ...marked }).subscribe({
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

const pidFileName = 'pid';

const takenFrom = ({ name }: Runtime, verb: string, path: string): Launched => {
  const refuse = (why: string) => new RxshimError('unknown', `OCI runtime ${verb} failed: ${name} ${why}`);
  let text: string;
  try {
    text = readFileSync(path, 'latin1').slice(0, 100);
  } catch {
    throw refuse('wrote no pid file');
  }
  const pid = /^\s*[1-9]\d{0,9}\s*$/.test(text) ? Number(text) : 0;
  // The pid file is not trusted: only a child of this process is signalled or waited for.
  const taken = pid < 2 ? undefined : childHost().take(pid);
  if (taken === undefined) throw refuse(`wrote ${JSON.stringify(text)} as a process id`);
  return taken;
};
