/**
 * The processes of a container, or those beside all containers, and who waits for their ends.
 *
 * A process is forgotten once a wait for it was answered and none is left, because its number may come again. An init is
 * kept as long as its container.
 */
import { Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { ComputeProcess } from '../hcs/contract/compute-process.js';
import { forever } from '../hcs/guest/protocol/constants.js';
import { hresults } from '../hcs/guest/protocol/hresults.js';
import { GuestError, processNotFound } from './guest-error.js';

export interface GuestProcess {
  readonly process: ComputeProcess;
  readonly terminal: boolean;
  /** Emits the exit code when the process has ended and its output is through. */
  readonly exit$: Observable<number>;
  close(): void;
}

export interface ProcessTable {
  /** @throws GuestError when there is no such process. */
  get(pid: number): GuestProcess;
  add(entry: GuestProcess, options?: { readonly keep?: boolean }): void;
  /** Emits the exit code; errors when time is up, or there is no such process. */
  wait(pid: number, timeout: number, scheduler: SchedulerLike): Observable<number>;
  all(): readonly GuestProcess[];
}

/** @param onAnswered called when all waits for a process have been answered, at least one of them. */
export const processTable = (onAnswered: (pid: number) => void = () => undefined): ProcessTable => {
  const entries = new Map<
    number,
    { readonly entry: GuestProcess; readonly keep: boolean; waiting: number }
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
        const late = (): void => {
          waiting.unsubscribe();
          found.waiting -= 1;
          listener.error(new GuestError(hresults.timeout));
        };
        timer = scheduler.schedule(late, timeout);
        return () => timer?.unsubscribe();
      }),
  };
};
