/**
 * The processes of a container, or those outside of all containers, with the pending waits for their exits.
 *
 * A process is removed once a wait for it has been answered and no other is pending, because its pid may be reused. An
 * init is kept as long as its container.
 */
import { Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import { forever } from '../../hcs/guest/protocol/constants.js';
import { hresults } from '../../hcs/guest/protocol/hresults.js';
import { AgentError, processNotFound } from '../error.js';

export interface AgentProcess {
  readonly process: ComputeProcess;
  readonly terminal: boolean;
  /** Emits the exit code when the process has ended and its output has been sent. */
  readonly exit$: Observable<number>;
  close(): void;
}

export interface ProcessTable {
  /** @throws AgentError when there is no such process. */
  get(pid: number): AgentProcess;
  add(entry: AgentProcess, options?: { readonly keep?: boolean }): void;
  /** Emits the exit code. Errors on timeout or if there is no such process. */
  wait(pid: number, timeout: number, scheduler: SchedulerLike): Observable<number>;
  all(): readonly AgentProcess[];
}

/** @param onAnswered called when all pending waits for a process, at least one, have been answered. */
export const processTable = (onAnswered: (pid: number) => void = () => undefined): ProcessTable => {
  const entries = new Map<
    number,
    { readonly entry: AgentProcess; readonly keep: boolean; waiting: number }
  >();

  const find = (pid: number) => {
    const found = entries.get(pid);
    if (found === undefined) throw processNotFound();
    return found;
  };

  return {
    get: (pid) => find(pid).entry,
    add: (entry, { keep = false } = {}) => entries.set(entry.process.pid, { entry, keep, waiting: 0 }),
    all: () => [...entries.values()].map(({ entry }) => entry),
    wait: (pid, timeout, scheduler) =>
      new Observable((listener) => {
        const found = find(pid);
        found.waiting += 1;
        let timer: Subscription | undefined;
        const answered = (code: number): void => {
          found.waiting -= 1;
          timer?.unsubscribe();
          if (found.waiting === 0 && !found.keep) entries.delete(pid);
          listener.next(code);
          listener.complete();
          if (found.waiting === 0) onAnswered(pid);
        };
        const waiting = found.entry.exit$.subscribe(answered);
        if (waiting.closed || timeout === forever) return undefined;
        const timeOut = (): void => {
          waiting.unsubscribe();
          found.waiting -= 1;
          listener.error(new AgentError(hresults.timeout));
        };
        timer = scheduler.schedule(timeOut, timeout);
        return () => timer?.unsubscribe();
      }),
  };
};
