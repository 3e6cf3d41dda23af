/**
 * Runs the runtime's command line: a process for each command, how it ended, and what it had to say.
 *
 * The invariant: every command that was started is seen to its end, and leaves no descriptor and no file behind. What
 * the end means is for others to say.
 */
import { AsyncResource } from 'node:async_hooks';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Observable } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { type ChildStdio, launched } from '../../native/process/launched.js';
import { startMarked } from '../../native/process/mark.js';
import { posixSpawn } from '../../native/process/posix-spawn.js';
import { reap } from '../../native/process/reap.js';
import { becomeSubreaper } from '../../native/process/subreaper.js';
import type { RuntimeSettings } from '../options.js';
import { type Capture, capture } from './capture.js';

export interface RuntimeCommand {
  /** The verb, its options and its arguments. */
  readonly args: readonly string[];
  /** What the command gets as its own streams. By default nothing to read, and both outputs are captured. */
  readonly stdio?: Exclude<ChildStdio, string>;
  /** A file for its messages, where stderr is not captured. */
  readonly log?: string;
  /** How long it may take, in milliseconds; no bound if absent. */
  readonly patience?: number;
  /** Told when the command runs, with a way to kill it. */
  readonly begun?: (kill: () => void) => void;
  /** What it bears, and everything that it starts. */
  readonly mark?: number;
}

export interface CommandEnd {
  readonly exit: ProcessExit;
  readonly stdout: string;
  /** What it logged: its stderr, or the file it was given. */
  readonly messages: string;
  /** It was killed because its time was up. */
  readonly overdue: boolean;
}

export interface Runtime {
  readonly name: string;
  /**
   * Emits the end of the command, once, however it ended. Unsubscribing does not end the command.
   *
   * Errors with RxshimError `unavailable` when there is no such runtime, or it cannot be started.
   */
  run(command: RuntimeCommand): Observable<CommandEnd>;
}

/** More than any list of processes takes; whoever writes more is no runtime. */
const mostOutput = 4 * 1024 * 1024;
const mostMessages = 64 * 1024;

export const ociRuntime = ({ binary, globals, env }: RuntimeSettings): Runtime => ({
  name: binary,
  run: ({ args, stdio, log, patience, begun, mark }) =>
    new Observable((subscriber) => {
      const captures: Capture[] = [];
      const captured = (most: number): Capture => {
        const made = capture(most);
        captures.push(made);
        return made;
      };
      const logging = [...(log === undefined ? [] : ['--log', log]), '--log-format', 'json'];
      let overdue = false;
      try {
        const stdout = stdio ? undefined : captured(mostOutput);
        const stderr = stdio ? undefined : captured(mostMessages);
        becomeSubreaper();
        const program = { file: binary, args: [binary, ...globals, ...logging, ...args], env, cwd: '/' };
        const spawn = () => posixSpawn(program, stdio ?? [undefined, stdout?.fd, stderr?.fd]);
        const pid = mark === undefined ? spawn() : startMarked(mark, spawn, (started) => started);
        const command = launched({ pid, watch: (end) => reap(pid, end) });
        const kill = (): void => void command.send(9);
        const timer =
          patience === undefined
            ? undefined
            : setTimeout(() => {
                overdue = true;
                kill();
              }, patience);
        const ended = (exit: ProcessExit): void => {
          clearTimeout(timer);
          try {
            const messages = log === undefined ? (stderr?.text() ?? '') : endOf(log);
            subscriber.next({ exit, stdout: stdout?.text() ?? '', messages, overdue });
            subscriber.complete();
          } catch (cause) {
            // Thrown from here it would be an error of nobody's, and whoever waits would wait for ever.
            const why = `what ${binary} said cannot be read: ${messageOf(cause)}`;
            subscriber.error(new RxshimError('unknown', why, { cause }));
          }
        };
        // The end of a process is announced in a turn of its own. What follows from it belongs to who ran the command.
        command.exit$.subscribe(AsyncResource.bind(ended));
        begun?.(kill);
      } catch (cause) {
        for (const made of captures) made.text();
        if (cause instanceof RxshimError) throw cause;
        const why = `the OCI runtime ${JSON.stringify(binary)} cannot be started: ${messageOf(cause)}`;
        throw new RxshimError('unavailable', why, { cause });
      } finally {
        for (const made of captures) made.started();
      }
    }),
});

/** The last of a file, or nothing where there is none: a runtime that failed early has written no log. */
const endOf = (path: string): string => {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, mostMessages));
    const length = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, length);
  } catch {
    return '';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
};
