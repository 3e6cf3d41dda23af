/**
 * Runs commands of the OCI runtime and reports how each ended, with its output.
 *
 * The invariant: every command that was started is waited for, and leaves no descriptor and no file behind. What the
 * result means is decided by the caller.
 */
import { AsyncResource } from 'node:async_hooks';
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { Observable } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { childHost } from '../../native/process/child-host.js';
import type { ChildStdio } from '../../native/process/launched.js';
import type { RuntimeSettings } from '../options.js';
import { type Capture, capture } from './capture.js';

export interface RuntimeCommand {
  /** The verb, its flags and its arguments. */
  readonly args: readonly string[];
  /** The stdio of the command. By default stdin is empty, and stdout and stderr are captured. */
  readonly stdio?: Exclude<ChildStdio, string>;
  /** A log file, for a command whose stderr is not captured. */
  readonly log?: string;
  /** Timeout in milliseconds. None if absent. */
  readonly timeout?: number;
  /** Called when the command has been spawned, with a function that kills it. */
  readonly onSpawn?: (kill: () => void) => void;
  /** The mark that the command and its descendants inherit. */
  readonly mark?: number;
}

export interface CommandEnd {
  readonly exit: ProcessExit;
  readonly stdout: string;
  /** Its log: stderr, or the log file. */
  readonly messages: string;
  /** It was killed by the timeout. */
  readonly timedOut: boolean;
}

export interface Runtime {
  readonly name: string;
  /**
   * Emits once, when the command has ended. Unsubscribing does not kill the command.
   *
   * Errors with RxshimError `unavailable` if the runtime does not exist or cannot be started.
   */
  run(command: RuntimeCommand): Observable<CommandEnd>;
}

/** More than any list of processes needs. */
const maxOutput = 4 * 1024 * 1024;
const maxMessages = 64 * 1024;

export const ociRuntime = ({ binary, globals, env, cwd }: RuntimeSettings): Runtime => ({
  name: binary,
  run: ({ args, stdio, log, timeout, onSpawn, mark }) =>
    new Observable((subscriber) => {
      const captures: Capture[] = [];
      const captured = (max: number): Capture => {
        const made = capture(max);
        captures.push(made);
        return made;
      };
      const logging = [...(log === undefined ? [] : ['--log', log]), '--log-format', 'json'];
      let timedOut = false;
      try {
        const stdout = stdio ? undefined : captured(maxOutput);
        const stderr = stdio ? undefined : captured(maxMessages);
        const words = [binary, ...globals, ...logging, ...args];
        const program = { file: binary, args: words, env, cwd: existsSync(cwd) ? cwd : '/' };
        const command = childHost().spawn(program, stdio ?? [undefined, stdout?.fd, stderr?.fd], mark);
        const kill = (): void => void command.send(9);
        const timer =
          timeout === undefined
            ? undefined
            : setTimeout(() => {
                timedOut = true;
                kill();
              }, timeout);
        const ended = (exit: ProcessExit): void => {
          clearTimeout(timer);
          try {
            const messages = log === undefined ? (stderr?.text() ?? '') : endOf(log);
            subscriber.next({ exit, stdout: stdout?.text() ?? '', messages, timedOut });
            subscriber.complete();
          } catch (cause) {
            // An exception here would be uncaught, and the caller would wait forever.
            const why = `the output of ${binary} cannot be read: ${messageOf(cause)}`;
            subscriber.error(new RxshimError('unknown', why, { cause }));
          }
        };
        // The exit arrives in its own tick. Bind it to the async context of the caller.
        command.exit$.subscribe(AsyncResource.bind(ended));
        onSpawn?.(kill);
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

/** The end of a log file. Empty if there is none: a runtime that failed early has written no log. */
const endOf = (path: string): string => {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, maxMessages));
    const length = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, length);
  } catch {
    return '';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
};
