/**
 * An exec: one process of a task, from created through running to exited, exposed as Observables.
 *
 *     commands ──► effects ──► facts ──► scan(reduce) ──► state$ ─┬─ exit$      how and when it ended
 *                     ▲                                     │     ├─ drained$   its output is through, or was cut
 *                     └────── the effects of the edge ◄─────┘     └─ released$  nothing is held any more
 *
 * `lifecycle.ts` lists the transitions and their effects. Invariants, even if engine, upstream or publisher misbehave: an
 * exit is recorded once and published once, after its start; an exec that ends is released; its waiters, early or late,
 * get the same answer; its public streams never error.
 */
import { asyncScheduler } from 'rxjs';
import { serialQueue } from '../../operators/serial-queue.js';
import { requireId, requireObject, requirePorts, requireUpstream } from '../arguments.js';
import { type Policies, policiesOf } from '../policies.js';
import { commands } from './commands/index.js';
import { startSettled } from './commands/start.js';
import { execHandle } from './handle.js';
import type { Exec } from './interface.js';
import { execLoop } from './machine.js';
import type { ExecOptions } from './options.js';
import { handlesOf, type Ports } from './ports.js';
import { effectsInFlight } from './state/in-flight.js';
import { initialState, type State } from './state/state.js';
import { isInitOf, nameInTask } from './status.js';
import { traceLife } from './trace-life.js';

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
  const ports = portsOf(options, policies);
  const { process, bundle, system } = options;
  ports.log?.debug({ bundle, wcow: system.os === 'windows' }, 'newHcsExec');
  const made: State =
    process === undefined
      ? initialState
      : { ...initialState, pid: process.pid, tree: process.tree === undefined ? 'none' : 'unawaited' };
  return restored(ports, made);
};

export const portsOf = (options: ExecOptions, policies: Policies): Ports => {
  const { taskId, id, scheduler = asyncScheduler, process } = options;
  return {
    options,
    isInit: isInitOf(options),
    policies,
    scheduler,
    log: options.log?.child({ tid: taskId, eid: id }),
    enqueue: serialQueue(scheduler),
    handles: handlesOf(process),
  };
};

/** An exec in a state, with the effects that are in flight in it. */
export const restored = (ports: Ports, state: State): Exec => {
  ports.options.recorder?.recordExec(nameInTask(ports.options), state);
  const exec = execLoop(ports, state);
  traceLife(exec);
  // A start that is in flight holds the queue.
  if (isStarting(state)) exec.run(ports.enqueue(startSettled(exec)), 'detached');
  exec.begin(effectsInFlight(state));
  return execHandle(exec, commands);
};

const isStarting = ({ phase }: State): boolean => phase === 'starting' || phase === 'announcing';
