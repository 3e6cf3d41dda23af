/** SIGKILL, or the engine's equivalent, in two parts: the facts that record it, and the call. */
import { type Observable, of } from 'rxjs';
import type { Delivery } from '../../../hcs/contract/compute-process.js';
import type { KillMode } from '../interface.js';
import { exitDeadline, type Ports, processOf } from '../ports.js';
import type { Fact } from '../state/fact.js';
import type { State } from '../state/state.js';

/** Whether the process was started, and its engine knows its descendants. */
export const hasTree = ({ handles: { process } }: Ports, { tree }: State): boolean =>
  process?.tree !== undefined && tree !== 'none';

/** The exec waits for the end of the killed processes from now on. */
export const killFacts = (ports: Ports, state: State, mode: KillMode): readonly Fact[] =>
  mode === 'tree' && hasTree(ports, state) ? [killSent, treeKilled(ports)] : [killSent];

const killSent: Fact = { type: 'killSent' };

export const treeKilled = (ports: Ports): Fact => ({ type: 'treeKilled', deadline: exitDeadline(ports) });

/** Asks the engine. With the mode `leader` the descendants of the process go on. */
export const killCall = (ports: Ports, state: State, mode: KillMode): Observable<Delivery> => {
  const process = processOf(ports);
  if (mode === 'leader' || process.tree === undefined || !hasTree(ports, state)) return process.kill();
  return state.tree === 'gone' ? of('notDelivered') : process.tree.kill();
};
