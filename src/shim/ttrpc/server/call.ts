/**
 * One call at a server, from its request to its answer.
 *
 * It ends exactly once: with the result of the handler, at its deadline, or aborted. Later results of the handler are
 * ignored. An aborted call has no answer. Nothing here throws.
 */

import type { Clock } from '../clock.js';
import { decodeWhole, encodeWhole, noBytes } from '../frames/codec.js';
import type { ReceivedRequest } from '../frames/envelope.js';
import { TtrpcError, textOf } from '../ttrpc-error.js';
import type { CallContext, ServedMethod, Subscribable } from './service.js';

export interface Call {
  /** Asks the handler, which may answer before this returns. */
  run(): void;
  /** Ends the call without an answer. */
  abort(reason: TtrpcError): void;
}

/**
 * Runs the work of a call, so that a later uncaught error can be traced to the call: `fail` ends the call with that
 * error.
 */
export type CallScope = (fail: (error: unknown) => void, work: () => void) => void;

export interface Outcome {
  answered(payload: Uint8Array): void;
  failed(error: unknown): void;
  /** The handler failed while it was being stopped, too late for the caller. */
  stray(error: unknown): void;
}

export const prepareCall = (
  method: ServedMethod,
  request: ReceivedRequest,
  outcome: Outcome,
  clock: Clock,
  scope: CallScope = (_, work) => work(),
): Call => {
  const { name, requestType, responseType } = method.definition;
  let open = true;
  let controller: AbortController | undefined;
  let reason: TtrpcError | undefined;
  let stopTimer: (() => void) | undefined;
  let stopHandler: (() => void) | undefined;

  /** True for the first to come. */
  const end = (): boolean => {
    if (!open) return false;
    open = false;
    stopTimer?.();
    return true;
  };
  const fail = (error: unknown): void => {
    if (end()) outcome.failed(error);
  };
  const answer = (message: unknown): void => {
    if (!open) return;
    try {
      const payload = message === undefined ? noBytes : encodeWhole(responseType, message);
      if (end()) outcome.answered(payload);
    } catch (error) {
      fail(
        new TtrpcError('internal', `${name}: the answer cannot be encoded: ${textOf(error)}`, {
          cause: error,
        }),
      );
    }
  };
  const cancel = (why: TtrpcError): void => {
    reason = why;
    stopHandler?.();
    controller?.abort(why);
  };

  const limit = Number(request.timeoutNano) / 1e6;
  const context: CallContext = {
    metadata: request.metadata,
    deadline: limit === 0 ? undefined : clock.now() + limit,
    // Created at first use: most handlers never use it.
    get signal() {
      if (controller === undefined) {
        controller = new AbortController();
        if (reason !== undefined) controller.abort(reason);
      }
      return controller.signal;
    },
  };

  const ask = (): void => {
    let message: unknown;
    try {
      message = decodeWhole(requestType, request.payload);
    } catch (error) {
      fail(
        new TtrpcError('internal', `${name}: the request cannot be decoded: ${textOf(error)}`, {
          cause: error,
        }),
      );
      return;
    }
    try {
      stopHandler = listen(method.handler(message, context), answer, fail, outcome.stray);
      if (reason !== undefined) stopHandler?.();
    } catch (error) {
      fail(error);
    }
  };

  const failFor = (why: TtrpcError): void => {
    if (!end()) return;
    cancel(why);
    outcome.failed(why);
  };

  const run = (): void => {
    if (limit !== 0) {
      stopTimer = clock.after(limit, () =>
        failFor(
          new TtrpcError('deadlineExceeded', `${name}: no answer within ${limit} ms: deadline exceeded`),
        ),
      );
    }
    scope((cause) => failFor(new TtrpcError('internal', `${name}: ${textOf(cause)}`, { cause })), ask);
  };

  return {
    run,
    abort: (why) => {
      if (end()) cancel(why);
    },
  };
};

/** Subscribes to the one answer of a handler; returns the unsubscription. */
const listen = (
  result: Promise<unknown> | Subscribable<unknown>,
  answered: (message: unknown) => void,
  failed: (error: unknown) => void,
  stray: (error: unknown) => void,
): (() => void) | undefined => {
  if (!('subscribe' in result)) {
    result.then(answered, failed);
    return undefined;
  }
  let over = false;
  const stop = (): void => {
    over = true;
    try {
      subscription?.unsubscribe();
    } catch (error) {
      stray(error);
    }
  };
  let subscription: { unsubscribe(): void } | undefined;
  subscription = result.subscribe({
    next: (message) => {
      answered(message);
      stop();
    },
    error: failed,
    complete: () => answered(undefined),
  });
  // It may have answered before there was anything to unsubscribe from.
  if (over) stop();
  return stop;
};
