/**
 * Restores a task that an earlier process has recorded (`TaskRecorder`), with its execs, over the processes that their
 * host has kept.
 *
 * The task goes on from the record: the effects that were in flight run again, so the system must accept a request for
 * work that is done already. Events that the event sink already has are not sent again.
 */
import { context } from '@opentelemetry/api';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import { execIn } from '../exec/snapshot.js';
import { type State as ExecState, initialState as initialExec } from '../exec/state/state.js';
import type { StdioRequest } from '../stdio/upstream/stdio-request.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import { initFrom } from './effects/execs.js';
import type { Task, TaskOptions } from './interface.js';
import { resume, taskLoop } from './machine.js';
import { hold } from './ports.js';
import { agreeOnTerminal } from './process-request.js';
import { initialState, type State } from './state/state.js';
import { claim, handOver, portsOf, type TaskInternals } from './task.js';

/** An exec as it was recorded, with the handles that it needs to go on. */
export interface RestoredExec {
  readonly state: Partial<ExecState>;
  /** Present if the exec has one that is not released. */
  readonly process?: ComputeProcess;
  /** Open, or to be opened by its start. */
  readonly upstream: UpstreamIo;
  readonly spec?: TaskOptions['spec'];
}

export interface RestoredTask {
  readonly state: Partial<State>;
  readonly init: RestoredExec;
  /** In the order of their making. */
  readonly execs: ReadonlyMap<string, RestoredExec>;
}

/** The phase of its task has an init. */
export const restoreTask = (
  internals: TaskInternals,
  given: TaskOptions & { readonly stdio: StdioRequest },
  recorded: RestoredTask,
): Task => {
  claim(given);
  const ports = portsOf(agreeOnTerminal({ context: context.active(), ...given }), internals);
  const { init, execs } = recorded;
  const task = taskLoop(ports, { ...initialState, ...recorded.state });
  hold(ports, { upstream: init.upstream, ...(init.process && { process: init.process }) });
  const { execPorts, policies, options } = ports;
  // The execs first: the exit of the init is the last.
  for (const [id, { state, process, upstream, spec }] of execs)
    ports.handles.execs.set(
      id,
      execIn(
        { ...initialExec, ...state },
        {
          taskId: options.id,
          id,
          isInit: false,
          bundle: options.bundle ?? '',
          upstream,
          ...(process && { process }),
          ...(spec && { spec }),
          ...execPorts,
        },
        policies,
      ),
    );
  const initExec = initFrom(ports, (initOptions, initPolicies) =>
    execIn({ ...initialExec, ...init.state }, initOptions, initPolicies),
  );
  hold(ports, { init: initExec });
  resume(task);
  return handOver(task);
};
