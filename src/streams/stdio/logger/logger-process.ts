/**
 * The process of a logging program: started, signalled and awaited.
 *
 * It leads a session of its own: what is typed at a terminal here must not end it before those whose output it takes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { AsyncSubject, type Observable } from 'rxjs';
import type { UpstreamIdentity } from '../upstream/stdio-request.js';
import type { LoggerPipes } from './logger-pipes.js';
import type { LoggerPlan } from './logger-plan.js';

export interface LoggerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LoggerProcess {
  /** Emits and completes when it runs; errors when it cannot be started. */
  readonly started$: Observable<void>;
  /** Emits once and completes; the same for every subscriber. Silent for a process that could not be started. */
  readonly end$: Observable<LoggerEnd>;
  /** Sent to the program and what it has started. Does nothing once it has ended. */
  send(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** @throws what `spawn` throws, which it does for some of its failures. */
export const launchLogger = (
  { program, args }: LoggerPlan,
  { containerId, namespace = 'default' }: UpstreamIdentity,
  { descriptors, environment }: Pick<LoggerPipes, 'descriptors' | 'environment'>,
): LoggerProcess => {
  const started$ = new AsyncSubject<void>();
  const end$ = new AsyncSubject<LoggerEnd>();
  const child = spawn(program, args, {
    env: { CONTAINER_ID: containerId, CONTAINER_NAMESPACE: namespace, ...environment },
    stdio: ['ignore', 'ignore', 'ignore', ...descriptors],
    // On Windows there is no session to lead, and the word means a window.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  child.once('spawn', () => {
    started$.next();
    started$.complete();
  });
  child.on('error', (error) => started$.error(error));
  child.once('exit', (code, signal) => {
    end$.next({ code, signal });
    end$.complete();
  });
  return { started$, end$, send: (signal) => send(child, signal) };
};

const send = (child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void => {
  const { pid, exitCode, signalCode } = child;
  // A number that was reaped may be another's.
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-pid, signal);
  } catch {
    // It has exited and is about to be reported.
  }
};
