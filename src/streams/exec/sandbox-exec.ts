/**
 * The exec of a sandbox that has no process: it starts, runs and ends in name only, so that a pod has an init like any
 * other task. The same interface, no engine, no stdio. Its task publishes its exit.
 */

import type { Tracer } from '@opentelemetry/api';
import {
  asyncScheduler,
  defer,
  EMPTY,
  ignoreElements,
  map,
  type SchedulerLike,
  Subject,
  throwError,
} from 'rxjs';
import { type Mailbox, mailbox } from '../../operators/mailbox.js';
import { requireId, requireSignal, requireUint32 } from '../arguments.js';
import type { Publish } from '../publisher.js';
import { unconnected } from '../stdio/upstream.js';
import { execNotFound, invalidState, notATty } from './exec-errors.js';
import { startEvent } from './exec-events.js';
import { type ExecCommands, execHandle } from './exec-handle.js';
import type { Exec, StopOutcome } from './exec-interface.js';
import type { ExecSource } from './exec-source.js';
import { type ExecState, initialState } from './exec-state.js';
import type { ExecIdentity } from './exec-status.js';
import { discarded, reported } from './exits.js';

export interface SandboxExecOptions extends Omit<ExecIdentity, 'id'> {
  readonly publish: Publish;
  /** Where time comes from. Default: the asyncScheduler. */
  readonly scheduler?: SchedulerLike;
  readonly tracer?: Tracer;
}

interface SandboxContext extends ExecSource {
  /** Whoever acts on a state brings about the next: all hear of the one before the other. */
  readonly told: Mailbox<ExecState>;
  readonly publish: Publish;
  readonly scheduler: SchedulerLike;
}

/** There is no process; this is what the original tells in its place. */
const pid = 1;

export const createSandboxExec = (options: SandboxExecOptions): Exec => {
  const { taskId, bundle, publish, scheduler = asyncScheduler, tracer } = options;
  requireId('taskId', taskId);
  const sandbox: SandboxContext = {
    options: {
      taskId,
      id: taskId,
      bundle,
      upstream: unconnected,
      ...(tracer === undefined ? {} : { tracer }),
    },
    latest: initialState,
    changes$: new Subject(),
    told: mailbox(),
    publish,
    scheduler,
  };
  sandbox.told.posted$.subscribe((next) => {
    sandbox.changes$.next(next);
    if (next.phase === 'released') sandbox.changes$.complete();
  });
  return execHandle(sandbox, sandboxCommands);
};

const enter = (sandbox: SandboxContext, change: Partial<ExecState>): void => {
  sandbox.latest = { ...sandbox.latest, ...change };
  sandbox.told.post(sandbox.latest);
};

/** Killed while created it ends with 1, whatever was asked; stopped while running, well. */
const end = (sandbox: SandboxContext, statusWhenRunning: number): void => {
  const { latest, scheduler } = sandbox;
  if (latest.state === 'exited') return;
  const now = scheduler.now();
  const exit =
    latest.state === 'created'
      ? discarded(1, now)
      : reported({ kind: 'exited', code: statusWhenRunning }, now);
  enter(sandbox, {
    state: 'exited',
    phase: 'released',
    via: latest.state === 'created' ? 'discard' : 'processExited',
    exit,
  });
};

const sandboxCommands: ExecCommands<SandboxContext> = {
  start: (sandbox) =>
    defer(() => {
      const { options, latest, publish } = sandbox;
      if (latest.state !== 'created') return throwError(() => invalidState(options, latest.state, 'start'));
      // It runs whether or not that can be told: there is nothing that could be undone.
      enter(sandbox, { state: 'running', phase: 'running', via: 'announced', pid, announced: true });
      return publish(startEvent(options, pid)).pipe(ignoreElements());
    }),
  kill: (sandbox, signal) =>
    defer(() => {
      requireSignal('signal', signal);
      if (sandbox.latest.state === 'exited') return throwError(() => execNotFound(sandbox.options));
      end(sandbox, 0);
      return EMPTY;
    }),
  resizePty: ({ options }) => throwError(() => notATty(options)),
  closeIo: () => EMPTY,
  forceExit: (sandbox, status) =>
    defer(() => {
      requireUint32('status', status);
      end(sandbox, 1);
      return EMPTY;
    }),
  killNow: (sandbox) =>
    defer(() => {
      end(sandbox, 1);
      return EMPTY;
    }),
  stop: (sandbox, released$) =>
    defer(() => {
      const by = sandbox.latest.state === 'running' ? 'signal' : 'itself';
      end(sandbox, 0);
      return released$.pipe(map((outcome): StopOutcome => ({ ...outcome, by })));
    }),
};
