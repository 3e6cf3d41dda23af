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
  /** The activity of the request that created it. */
  readonly activity?: string | undefined;
  /** Emits the exit code when the process has ended and its output has been sent. */
  readonly exit$: Observable<number>;
  close(): void;
}

export interface ProcessTable {
  /** @throws AgentError when there is no such process. */
  get(pid: number): AgentProcess;
  add(entry: AgentProcess, options?: { readonly keep?: boolean }): void;
  /** Emits the exit code. Errors on timeout or if there is no such process. */
  wait(pid: number, options: WaitOptions): Observable<number>;
  all(): readonly AgentProcess[];
}

export interface WaitOptions {
  /** In milliseconds, or `forever`. */
  readonly timeout: number;
  readonly scheduler: SchedulerLike;
  /** The activity of the request that created the process, which must be that one. */
  readonly activity?: string | undefined;
}

export interface TableOptions {
  /** Called when all pending waits for a process, at least one, have been answered. */
  readonly onAnswered?: (pid: number) => void;
  /** How many ended processes, the latest, are kept for waits by a later connection. Default: none. */
  readonly retained?: number;
}

interface Entry {
  readonly entry: AgentProcess;
  readonly keep: boolean;
  waiting: number;
}

export const processTable = ({
  onAnswered = () => undefined,
  retained = 0,
}: TableOptions = {}): ProcessTable => {
  const entries = new Map<number, Entry>();
  const ended = new Set<Entry>();

  const forget = (its: Entry): void => {
    const { pid } = its.entry.process;
    // Its pid may be that of another by now.
    if (entries.get(pid) === its) entries.delete(pid);
    ended.delete(its);
  };
  const released = (its: Entry): void => {
    if (its.keep) return;
    ended.add(its);
    for (const oldest of ended) {
      if (ended.size <= retained) return;
      forget(oldest);
    }
  };

  const find = (pid: number) => {
    const found = entries.get(pid);
    if (found === undefined) throw processNotFound();
    return found;
  };

  return {
    get: (pid) => find(pid).entry,
    add: (entry, { keep = false } = {}) => entries.set(entry.process.pid, { entry, keep, waiting: 0 }),
    all: () => [...entries.values()].map(({ entry }) => entry),
    wait: (pid, { timeout, scheduler, activity }) =>
      new Observable((listener) => {
        const found = find(pid);
        if (activity !== undefined && activity !== found.entry.activity) throw processNotFound();
        found.waiting += 1;
        let timer: Subscription | undefined;
        const answered = (code: number): void => {
          found.waiting -= 1;
          timer?.unsubscribe();
          if (found.waiting === 0) released(found);
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
