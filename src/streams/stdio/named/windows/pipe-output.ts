/**
 * Output to a named pipe of Windows whose reader may go and come back: containerd does, when it is restarted.
 *
 * The invariant: every byte is taken once. What the pipe has accepted is not sent again; the rest of a write goes to the
 * reader's next pipe of that name, however long that takes, or until the budget for it is used up. Closing ends the wait.
 */
import { RxshimError } from '../../../../hcs/failures/errors.js';
import {
  type Dialling,
  dial,
  type Overlapped,
  win32,
  win32Error,
} from '../../../../hcs/native/windows/index.js';
import type { Logger } from '../../../log.js';
import { closedError } from '../../closed-error.js';
import type { OpenedOutput } from '../../upstream/opened.js';
import { backoff } from './backoff.js';

export interface PipeOptions {
  /** In milliseconds: how long a reader may stay away. Default: no limit. */
  readonly pipeRetryTimeout?: number;
  readonly log?: Logger;
}

/** The error of a write without a reader. */
const disconnections = new Set<number>([win32.noData, win32.pipeNotConnected, win32.brokenPipe]);

interface Write {
  rest: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

/** @throws Win32Error where there is no such pipe now. */
export const pipeOutput = (path: string, { pipeRetryTimeout = 0, log }: PipeOptions): OpenedOutput => {
  const writes: Write[] = [];
  let file: Overlapped | undefined;
  let dialling: Dialling | undefined = dial(path, 'write');
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const fail = (error: unknown): void => {
    for (const write of writes.splice(0)) write.reject(error);
  };

  const attempt = (): void => {
    const write = writes[0];
    if (closed || write === undefined || file === undefined) return;
    file.write(write.rest, (code, length) => {
      if (closed) return;
      write.rest = write.rest.subarray(length);
      if (code !== 0) return disconnections.has(code) ? redial(code) : fail(win32Error('WriteFile', code));
      if (write.rest.length === 0) {
        writes.shift();
        write.resolve();
      }
      setImmediate(attempt);
    });
  };

  const use = (opening: Dialling, failed: (error: unknown) => void): void => {
    dialling = opening;
    opening.file.then(
      (opened) => {
        dialling = undefined;
        if (closed) return opened.close();
        file = opened;
        attempt();
      },
      (error: unknown) => {
        dialling = undefined;
        if (!closed) failed(error);
      },
    );
  };

  const redial = (code: number): void => {
    log?.error(
      { address: path, err: win32Error('WriteFile', code) },
      'Named pipe disconnected, retrying dial',
    );
    file?.close();
    file = undefined;
    const began = performance.now();
    const next = backoff(pipeRetryTimeout);
    const again = (): void => {
      const wait = next(performance.now() - began);
      const failed = (): void => {
        if (wait === undefined)
          fail(new RxshimError('unavailable', `reached timeout while retrying dial on ${path}`));
        else timer = setTimeout(again, wait);
      };
      try {
        const opening = dial(path, 'write');
        use(opening, failed);
        opening.file.then(
          () => log?.info({ address: path }, 'Succeeded in reconnecting to named pipe'),
          () => undefined,
        );
      } catch {
        failed();
      }
    };
    again();
  };

  use(dialling, fail);
  return {
    sink: {
      write: (chunk) => {
        if (closed) return Promise.reject(closedError());
        if (chunk.length === 0) return Promise.resolve();
        return new Promise((resolve, reject) => {
          if (writes.push({ rest: chunk, resolve, reject }) === 1) attempt();
        });
      },
    },
    close: () => {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      dialling?.cancel();
      file?.close();
      fail(closedError());
    },
  };
};
