/**
 * The exec of a sandbox that has no process: it starts, runs and ends in name only, so that a pod has an init like any
 * other task. The same interface, no engine, no stdio. Its task publishes its exit.
 */

import type { Tracer } from '@opentelemetry/api';
import { asyncScheduler, defer, EMPTY, ignoreElements, map, type SchedulerLike, throwError } from 'rxjs';
import { requireId, requireSignal, requireUint32 } from '../arguments.js';
import { Loop, type Machine } from '../loop.js';
import type { Publish } from '../publisher.js';
import { unconnected } from '../stdio/upstream.js';
import { execNotFound, invalidState, notATty } from './errors.js';
import { startEvent } from './events.js';
import { type ExecCommands, execHandle } from './handle.js';
import type { Exec, StopOutcome } from './interface.js';
import type { ExecSource } from './source.js';
import { discarded, reported } from './state/exits.js';
import { initialState, type State } from './state/state.js';
import type { ExecIdentity } from './status.js';

/** Options of `createSandboxExec`. */
export interface SandboxExecOptions extends Omit<ExecIdentity, 'id'> {
  readonly publish: Publish;
  /** Where time comes from. Default: the asyncScheduler. */
  readonly scheduler?: SchedulerLike;
  readonly tracer?: Tracer;
}

interface SandboxPorts {
  readonly options: ExecSource['ports']['options'];
  readonly publish: Publish;
  readonly scheduler: SchedulerLike;
}

type SandboxFact =
  | { readonly type: 'start' }
  /** @param status for an exec that was running. One that was never started always ends with 1. */
  | { readonly type: 'end'; readonly status: number; readonly at: number };

type SandboxLoop = Loop<SandboxPorts, State, SandboxFact, never, never>;

/** There is no process; this is what the original reports in its place. */
const pid = 1;

const reduce = (state: State, fact: SandboxFact): State => {
  if (fact.type === 'start') {
    return state.state === 'created'
      ? { ...state, state: 'running', phase: 'running', via: 'announced', pid, announced: true }
      : state;
  }
  if (state.state === 'exited') return state;
  const { status, at } = fact;
  const over = { ...state, state: 'exited', phase: 'released' } as const;
  return state.state === 'created'
    ? { ...over, via: 'discard', exit: discarded(1, at) }
    : { ...over, via: 'processExited', exit: reported({ kind: 'exited', code: status }, at) };
};

/** Nothing is done about its states: there is no engine. */
const machine: Machine<SandboxPorts, State, SandboxFact, never, never> = {
  reduce,
  effectsOf: () => [],
  effects: {},
  rules: {},
  leaves: () => false,
  isOver: ({ phase }) => phase === 'released',
};

/** Creates the exec of a pod sandbox, which has no process: it runs until it is killed. */
export const createSandboxExec = (options: SandboxExecOptions): Exec => {
  const { taskId, bundle, publish, scheduler = asyncScheduler, tracer } = options;
  requireId('taskId', taskId);
  const identity = { taskId, id: taskId, bundle, upstream: unconnected };
  const sandbox: SandboxLoop = new Loop(
    machine,
    { options: tracer === undefined ? identity : { ...identity, tracer }, publish, scheduler },
    initialState,
  );
  return execHandle(sandbox, sandboxCommands);
};

const end = (sandbox: SandboxLoop, status: number): void =>
  sandbox.post({ type: 'end', status, at: sandbox.ports.scheduler.now() });

const sandboxCommands: ExecCommands<SandboxLoop> = {
  start: (sandbox) =>
    defer(() => {
      const { options, publish } = sandbox.ports;
      const { state } = sandbox.state;
      if (state !== 'created') return throwError(() => invalidState(options, state, 'start'));
      // It runs whether or not its start event can be published: there is nothing that could be undone.
      sandbox.post({ type: 'start' });
      return publish(startEvent(options, pid)).pipe(ignoreElements());
    }),
  kill: (sandbox, signal) =>
    defer(() => {
      requireSignal('signal', signal);
      if (sandbox.state.state === 'exited') return throwError(() => execNotFound(sandbox.ports.options));
      end(sandbox, 0);
      return EMPTY;
    }),
  resizePty: ({ ports }) => throwError(() => notATty(ports.options)),
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
      const by = sandbox.state.state === 'running' ? 'signal' : 'itself';
      end(sandbox, 0);
      return released$.pipe(map((outcome): StopOutcome => ({ ...outcome, by })));
    }),
};
