/**
 * The end of a process's whole tree: what it has started may outlive it.
 *
 * The exit of an exec is that of its process. As long as its tree is being ended, output may still come and is waited
 * for, and the exec is released only afterwards: when an exec was stopped, nothing of it runs. An engine that never
 * reports the end of a tree delays that by no more than the time that a killed process may take.
 */
import { AsyncSubject, defer, EMPTY, type Observable, of, Subscription } from 'rxjs';
import type { Delivery } from '../../hcs/contract/compute-process.js';
import { concluded } from '../../operators/concluded.js';
import { logTrouble } from '../log.js';
import { type ExecContext, processOf, type TreeEnd } from './exec-context.js';

/** From here on the exec waits for its tree. `undefined` where the engine knows of none. */
export const awaitTree = (exec: ExecContext): TreeEnd | undefined => {
  if (hasTree(exec)) exec.treeEnd ??= begin(exec);
  return exec.treeEnd;
};

/** A process that ended before its start has started nothing. */
const hasTree = ({ process, latest }: ExecContext): boolean =>
  process?.tree !== undefined && (latest.exit === undefined || latest.announced);

/** Ends what outlives a process that has ended. Nobody but a stop waits for the end itself. */
export const killLeftBehind = (exec: ExecContext): Observable<never> => {
  const { policies, scheduler, log } = exec;
  const kill = (): Observable<unknown> => {
    const tree = hasTree(exec) ? exec.process?.tree : undefined;
    return (exec.treeEnd === undefined ? tree?.kill() : killTree(exec)) ?? EMPTY;
  };
  return concluded(kill, policies.exitTimeout, scheduler, (trouble) =>
    logTrouble(log, trouble, 'failed to kill the processes that an exec has left behind'),
  );
};

/** With everything that it has started, where the engine knows that. */
export const killProcess = (exec: ExecContext): Observable<Delivery> => {
  exec.killed = true;
  return killTree(exec) ?? processOf(exec).kill();
};

/** What it has started goes on. */
export const killLeader = (exec: ExecContext): Observable<Delivery> => {
  exec.killed = true;
  return processOf(exec).kill();
};

/** Ends the tree without asking, also when its process has ended. `undefined` where the engine knows of none. */
export const killTree = (exec: ExecContext): Observable<Delivery> | undefined => {
  const end = awaitTree(exec);
  if (end === undefined) return undefined;
  if (end.outcome === 'gone') return of('notDelivered');
  if (end.outcome === undefined) end.bound ??= exec.scheduler.schedule(end.giveUp, exec.policies.exitTimeout);
  return exec.process?.tree?.kill();
};

const begin = ({ process, log }: ExecContext): TreeEnd => {
  const over$ = new AsyncSubject<never>();
  const watching = new Subscription();
  const end: TreeEnd = {
    over$,
    outcome: undefined,
    giveUp: () => settle('givenUp'),
    bound: undefined,
  };
  const settle = (outcome: 'gone' | 'givenUp'): void => {
    end.outcome ??= outcome;
    watching.unsubscribe();
    end.bound?.unsubscribe();
    over$.complete();
  };
  const gone = (): void => settle('gone');
  watching.add(
    defer(() => process?.tree?.gone$ ?? []).subscribe({
      next: gone,
      error: (err) => {
        log?.warn({ err }, 'failed to wait for the processes that an exec has started');
        end.giveUp();
      },
      complete: gone,
    }),
  );
  return end;
};
