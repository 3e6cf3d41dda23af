/**
 * Windows named pipes: connected to as a client, or created for one client.
 *
 * Connecting never blocks in the system. While all instances of a pipe are busy it is retried every few milliseconds; a
 * pipe that does not exist is an error at once.
 */
import { RxshimError } from '../../failures/errors.js';
import { INVALID_HANDLE, kernel32 } from './kernel32.js';
import { type Overlapped, overlapped } from './overlapped.js';
import { dialPipe } from './pipe.js';
import { win32, win32Error } from './win32-error.js';

const BUSY_AGAIN = 10;
const PIPE_ACCESS_INBOUND = 0x1;
const PIPE_ACCESS_OUTBOUND = 0x2;
const FILE_FLAG_FIRST_PIPE_INSTANCE = 0x80000;
const FILE_FLAG_OVERLAPPED = 0x40000000;
const PIPE_REJECT_REMOTE_CLIENTS = 0x8;
const CAPACITY = 64 * 1024;

/** A pending connection that can be cancelled. */
export interface Dialling {
  readonly file: Promise<Overlapped>;
  /** Rejects `file` unless it is open already. */
  cancel(): void;
}

/** @throws Win32Error if the pipe does not exist or this user may not open it. */
export const dial = (path: string, mode: 'read' | 'write'): Dialling => {
  let timer: NodeJS.Timeout | undefined;
  let cancel = (): void => undefined;
  const attempt = (): Overlapped | undefined => {
    try {
      return overlapped(dialPipe(path, mode));
    } catch (error) {
      if ((error as { readonly hresult?: number }).hresult === win32.pipeBusy) return undefined;
      throw error;
    }
  };
  const opened = attempt();
  if (opened) return { file: Promise.resolve(opened), cancel };
  const file = new Promise<Overlapped>((resolve, reject) => {
    const again = (): void => {
      try {
        const opened = attempt();
        if (opened) resolve(opened);
        else timer = setTimeout(again, BUSY_AGAIN);
      } catch (error) {
        reject(error);
      }
    };
    timer = setTimeout(again, BUSY_AGAIN);
    cancel = () => {
      clearTimeout(timer);
      reject(new RxshimError('failedPrecondition', `${path} was cancelled before it was open`));
    };
  });
  // The result is not awaited after a cancel.
  file.catch(() => undefined);
  return { file, cancel: () => cancel() };
};

/** Creates an instance of a pipe for one client. @param mode what this side does. */
export const offerPipe = (path: string, mode: 'read' | 'write'): Overlapped => {
  const access = mode === 'read' ? PIPE_ACCESS_INBOUND : PIPE_ACCESS_OUTBOUND;
  const handle = kernel32.CreateNamedPipeW(
    path,
    (access | FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED) >>> 0,
    PIPE_REJECT_REMOTE_CLIENTS,
    1,
    CAPACITY,
    CAPACITY,
    0,
    null,
  );
  if (handle === INVALID_HANDLE) throw win32Error('CreateNamedPipeW', kernel32.GetLastError());
  return overlapped(handle);
};

/** Resolves when the client has connected. */
export const connected = (file: Overlapped): Promise<void> =>
  new Promise((resolve, reject) =>
    file.connect((code) => {
      if (code === 0 || code === win32.pipeConnected) resolve();
      else reject(win32Error('ConnectNamedPipe', code));
    }),
  );
