/**
 * What the parts of one exec share. Only the exec itself makes one; nothing of it is public.
 *
 * Effects and commands are functions of it rather than closures over it: an exec that lives for days, beside ten
 * thousand others, should hold what it needs and no more.
 */
import { Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { Act, ComputeProcess } from '../../hcs/contract/compute-process.js';
import { conclude } from '../../operators/conclude.js';
import type { InTurn } from '../../operators/turns.js';
import { type Logger, logTrouble } from '../log.js';
import type { Policies } from '../policies.js';
import type { RunningRelay } from '../stdio/relay-port.js';
import type { ExecOptions } from './exec-options.js';
import type { ExecSource } from './exec-source.js';
import type { Fact } from './reduce.js';

/** A wait for the end of everything that a process has started. */
export interface TreeEnd {
  /** Completes when none of it runs, or the wait was given up. */
  readonly over$: Observable<never>;
  /** `gone`: none of it runs. */
  outcome: 'gone' | 'givenUp' | undefined;
  /** Ends the wait. */
  readonly giveUp: () => void;
  /** The bound for the wait, from the kill on. */
  bound: Subscription | undefined;
}

export interface ExecContext extends ExecSource {
  readonly options: ExecOptions;
  readonly isInit: boolean;
  readonly policies: Policies;
  readonly scheduler: SchedulerLike;
  readonly log: Logger | undefined;
  readonly post: (fact: Fact) => void;
  /** Commands that touch the process wait here for each other. */
  readonly inTurn: InTurn;
  /** What is listened to for an end: the container, later the process too. */
  listening: Subscription | undefined;
  process: ComputeProcess | undefined;
  relay: RunningRelay | undefined;
  /** Gives the start event up. */
  giveUpTelling: (() => void) | undefined;
  /** Why the start failed; the error of the start command. */
  failure: unknown;
  /** A kill waits for its turn. */
  killWaits: boolean;
  /** Somebody has killed the process, or tried to. */
  killed: boolean;
  /** The bound in which the process has to report its end. */
  expecting: Subscription | undefined;
  /** Its tree, once it is being ended: the output is waited for, and the exec released, when that is over. */
  treeEnd: TreeEnd | undefined;
  /** The status that ForceExit asked for, should the process never report one. */
  forcedStatus: number | undefined;
}

/** Asks something of an engine, waits for it no longer than `within` milliseconds, and goes on whatever comes of it. */
export const brief = (
  exec: ExecContext,
  act: () => Act,
  within: number,
  failing: string,
  then: () => void = () => undefined,
): void => {
  conclude(act, within, exec.scheduler, (trouble) => {
    logTrouble(exec.log, trouble, failing);
    then();
  });
};

/** The process of an exec in a phase that has one. */
export const processOf = ({ process }: ExecContext): ComputeProcess => {
  if (process === undefined) throw new Error('an exec without a process reached an effect that needs one');
  return process;
};

/** A turn for what must happen: it waits for the others, and they for it, no longer than an exit may take. */
export const inImpatientTurn = <T>({ inTurn, policies }: ExecContext, work: Observable<T>): Observable<T> =>
  inTurn(work, { atMost: policies.exitTimeout, patience: policies.exitTimeout });

/** Posts the fact that ends an exec which never ran; done when it is released. */
export const untilReleased = (exec: ExecContext, fact: Fact): Observable<never> =>
  new Observable((listener) => {
    exec.post(fact);
    return exec.changes$.subscribe({ complete: () => listener.complete() });
  });
