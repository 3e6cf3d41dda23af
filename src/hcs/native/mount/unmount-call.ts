/**
 * A single call of umount(2), which takes as long as the file system needs to flush, and may never return.
 *
 * A thread of libuv's pool waits for it. The pool has four threads by default for all file and DNS operations of this
 * process. The invariant: unmounts never hold more than two of them. Further ones run in a helper process each; without
 * one they wait for a thread.
 */
import { type Koffi, koffi, type NativeFunction } from '../call/koffi.js';
import { runMountHelper } from './mount-helper.js';

/** How many unmounts may use threads of the pool at a time. */
const share = 2;

const EPERM = 1;

let busy = 0;
const waiting: (() => void)[] = [];
/** Resolves to the errno, or 0. */
export const unmount = async (target: string, flags: number): Promise<number> => {
  if (busy >= share) {
    const errno = await byHelper(target, flags);
    if (errno !== undefined) return errno;
  }
  await thread();
  try {
    return await inThread(target, flags);
  } finally {
    freeThread();
  }
};

const thread = async (): Promise<void> => {
  if (busy < share) busy += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
};

/** The next in the queue gets the slot that is released. */
const freeThread = (): void => {
  const next = waiting.shift();
  if (next === undefined) busy -= 1;
  else next();
};

/** `undefined` if the helper does not exist, cannot be started or was killed. */
const byHelper = (target: string, flags: number): Promise<number | undefined> =>
  // In the helper `/proc/self` would mean its own descriptors.
  runMountHelper('unmount', String(flags), target.replace(/^\/proc\/self\//, `/proc/${process.pid}/`));

interface Bound {
  readonly umount2: NativeFunction;
  readonly errno: Koffi['errno'];
}

let bound: Bound | undefined;

const native = (): Bound => {
  if (bound === undefined) {
    const { load, errno } = koffi();
    bound = { umount2: load(null).func('umount2', 'int', ['str', 'int']), errno };
  }
  return bound;
};

/** errno belongs to the thread that made the call. */
const inThread = (target: string, flags: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const { umount2, errno } = native();
    umount2.async(target, flags, (error: unknown, result: number) => {
      if (error) reject(error);
      else resolve(result === 0 ? 0 : errno() || EPERM);
    });
  });
