/**
 * Handles uncaught errors: the error is logged, and the call in which it occurred fails.
 *
 * Node would end the process, and with it the daemon of containers that have nothing to do with it: containerd kills those
 * of a daemon that is gone. An error in a handler, or in the Observable that it returns, is the call's answer anyway. This is
 * for one that is thrown later, from a timer, a socket or the end of a process: Node keeps track of which call started what.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from '../../streams/log.js';
import type { CallScope } from '../ttrpc/index.js';

export interface UncaughtErrors {
  /** For the server of the daemon. */
  readonly scope: CallScope;
  /** For `uncaughtException`, which also receives unhandled rejections. */
  readonly caught: (error: unknown, origin: string) => void;
}

export const uncaughtErrors = (log: Logger): UncaughtErrors => {
  const calls = new AsyncLocalStorage<(error: unknown) => void>();
  return {
    scope: (fail, work) => calls.run(fail, work),
    caught: (err, origin) => {
      log.error({ err, origin }, 'uncaught error');
      calls.getStore()?.(err);
    },
  };
};
