/**
 * An exec: one process of a task, from created through running to exited, told as Observables.
 *
 *     commands ──► effects ──► facts ──► scan(reduce) ──► state$ ─┬─ exit$      how and when it ended
 *                     ▲                                     │     ├─ drained$   its output is through, or was cut
 *                     └────── the effects of the edge ◄─────┘     └─ released$  nothing is held any more
 *
 * What leads where, and what is done on the way, stands in `lifecycle.ts`. Whatever engine, upstream and publisher do:
 * an exit is recorded once and told once, after its start; an exec that ends is released; its waiters, early or late,
 * get the same answer; its public streams never error.
 */
import { asyncScheduler, Subject, scan } from 'rxjs';
import { type Mailbox, mailbox } from '../../operators/mailbox.js';
import { turns } from '../../operators/turns.js';
import { requireId, requireObject, requirePorts, requireUpstream } from '../arguments.js';
import { type Policies, policiesOf } from '../policies.js';
import * as commands from './exec-commands.js';
import type { ExecContext } from './exec-context.js';
import { execEffects } from './exec-effects.js';
import { type ExecCommands, execHandle } from './exec-handle.js';
import type { Exec } from './exec-interface.js';
import type { ExecOptions } from './exec-options.js';
import { type ExecState, initialState } from './exec-state.js';
import { watchUnstarted } from './exit-effects.js';
import { lifecycle } from './lifecycle.js';
import { type Fact, reduce } from './reduce.js';
import { stop } from './stop-command.js';
import { traceLife } from './trace-life.js';

const processCommands: ExecCommands<ExecContext> = { ...commands, stop };

/**
 * Makes an exec in state `created`. Its upstream is open and becomes the exec's to close.
 * @throws RxshimError `invalidArgument` for an id or a policy that cannot be.
 */
export const createExec = (options: ExecOptions): Exec => {
  requireObject('options', options);
  requireId('taskId', options.taskId);
  requireId('id', options.id);
  requirePorts(options);
  requireUpstream('upstream', options.upstream);
  return execFrom(options, policiesOf(options.policies));
};

/** The same for a task, which has checked once what its execs have in common. */
export const execFrom = (options: ExecOptions, policies: Policies): Exec => {
  const { taskId, id, bundle, scheduler = asyncScheduler, process } = options;
  const facts = mailbox<Fact>();
  const changes$ = new Subject<ExecState>();
  const first = process === undefined ? initialState : { ...initialState, pid: process.pid };
  const exec: ExecContext = {
    options,
    isInit: id === taskId,
    policies,
    scheduler,
    log: options.log?.child({ tid: taskId, eid: id }),
    latest: first,
    changes$,
    post: facts.post,
    inTurn: turns(scheduler),
    listening: undefined,
    process,
    relay: undefined,
    giveUpTelling: undefined,
    failure: undefined,
    killWaits: false,
    killed: false,
    expecting: undefined,
    treeEnd: undefined,
    forcedStatus: undefined,
  };
  exec.log?.debug({ bundle, wcow: options.system.os === 'windows' }, 'newHcsExec');

  facts.posted$.pipe(scan(reduce, first)).subscribe((next) => {
    const { latest } = exec;
    if (next === latest) return;
    const edge = next.via && lifecycle[latest.phase][next.via];
    exec.latest = next;
    // All hear of the new state before anything is done about it: what they see is the order in which things happen.
    changes$.next(next);
    for (const effect of edge?.effects ?? []) execEffects[effect](exec);
    if (next.phase === 'released') end(exec, facts);
  });
  traceLife(exec);
  watchUnstarted(exec);
  return execHandle(exec, processCommands);
};

/** Nothing of an exec outlives its release but its last state. */
const end = ({ listening, expecting, changes$ }: ExecContext, facts: Mailbox<Fact>): void => {
  listening?.unsubscribe();
  expecting?.unsubscribe();
  facts.shut();
  changes$.complete();
};
