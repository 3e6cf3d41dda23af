/**
 * Handles uncaught errors: the error is logged, and the call in which it occurred fails.
 *
 * By default Node would exit, and containerd kills all containers of a daemon that is gone, also those that the error does not
 * concern. An error in a handler, or in the Observable that it returns, is the call's answer anyway. This module handles errors
 * thrown later, from a timer, a socket or the exit of a process: Node keeps track of which call started what.
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
