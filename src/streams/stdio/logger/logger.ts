/**
 * A logging program ("binary logger") as the upstream of an exec.
 *
 * Its life is the exec's and no request's. Whatever goes wrong while it starts, neither descriptors nor a process stay
 * behind; when it dies later, output is discarded and the exec lives on.
 */
import { AsyncSubject, asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs';
import type { ByteSink } from '../../../hcs/contract/bytes.js';
import type { Act } from '../../../hcs/contract/compute-process.js';
import { messageOf, RxshimError } from '../../../hcs/failures/errors.js';
import type { Logger } from '../../log.js';
import type { UpstreamIdentity } from '../upstream/stdio-request.js';
import { type LoggerPipes, openLoggerPipes } from './logger-pipes.js';
import type { LoggerPlan } from './logger-plan.js';
import { type LoggerProcess, launchLogger } from './logger-process.js';
import { openWindowsLoggerPipes } from './windows-logger-pipes.js';

/** How long it may take to get ready, and to end when its pipes are closed: containerd's bounds. */
const READY_WITHIN = 10_000;
const END_WITHIN = 10_000;
/** Between SIGTERM and SIGKILL. Both bounds of the end fit into an exec's `closeTimeout`. */
const TERM_GRACE = 2_000;

export interface LoggerOptions {
  readonly scheduler?: SchedulerLike;
  readonly log?: Logger;
}

export interface RunningLogger {
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  /**
   * Closes the pipes and waits for the program to exit, or kills it. Once started it continues after an unsubscribe.
   */
  close(): Act;
}

/**
 * Starts the program and emits once it is ready: when it has written a byte to its descriptor 5, or closed it (also by
 * dying, as for the original). Errors with an `RxshimError` that says `failed to start binary logger`.
 */
export const startLogger = (
  plan: LoggerPlan,
  identity: UpstreamIdentity,
  { scheduler = asyncScheduler, log }: LoggerOptions,
): Observable<RunningLogger> =>
  new Observable((listener) => {
    const pipes =
      process.platform === 'win32' ? openWindowsLoggerPipes(identity.containerId) : openLoggerPipes();
    let logger: LoggerProcess | undefined;
    let emitted = false;
    const abandon = (): void => {
      if (emitted) return;
      pipes.close();
      logger?.send('SIGKILL');
    };
    listener.add(abandon);
    const fail = (why: unknown, kind: RxshimError['kind'] = 'failedPrecondition'): void => {
      abandon();
      listener.error(failure(plan, kind, why));
    };
    const ready = (): void => {
      if (listener.closed || logger === undefined) return;
      emitted = true;
      listener.next(runningLogger(logger, pipes, scheduler, log));
      listener.complete();
    };
    try {
      logger = launchLogger(plan, identity, pipes);
    } catch (error) {
      return fail(error);
    }
    pipes.started();
    listener.add(
      logger.started$.subscribe({
        error: (error) => fail(error, error.code === 'ENOENT' ? 'notFound' : undefined),
        complete: () => void pipes.whenReady().then(ready, fail),
      }),
    );
    listener.add(scheduler.schedule(() => fail('timeout', 'unavailable'), READY_WITHIN));
  });

const failure = ({ given }: LoggerPlan, kind: RxshimError['kind'], why: unknown): RxshimError =>
  new RxshimError(kind, `failed to start binary logger: ${messageOf(why)}`, {
    invalid: { field: 'stdout', value: given },
    ...(why instanceof Error ? { cause: why } : {}),
  });

const runningLogger = (
  logger: LoggerProcess,
  pipes: LoggerPipes,
  scheduler: SchedulerLike,
  log: Logger | undefined,
): RunningLogger => {
  const closed$ = new AsyncSubject<never>();
  let closing = false;

  const close = (): void => {
    if (closing) return;
    closing = true;
    pipes.close();
    const timers = new Subscription();
    const end = (): void => {
      timers.unsubscribe();
      closed$.complete();
    };
    timers.add(
      scheduler.schedule(() => {
        log?.warn({ timeout: END_WITHIN }, 'binary logger does not end, killing it');
        logger.send('SIGTERM');
        timers.add(scheduler.schedule(() => logger.send('SIGKILL'), TERM_GRACE));
      }, END_WITHIN),
    );
    logger.end$.subscribe(end);
  };

  logger.end$.subscribe((end) => {
    if (closing) return;
    log?.error(end, 'binary logger ended before its exec; output is discarded');
    pipes.discard();
  });

  return {
    stdout: pipes.stdout,
    stderr: pipes.stderr,
    close: () =>
      new Observable((listener) => {
        close();
        return closed$.subscribe(listener);
      }),
  };
};
