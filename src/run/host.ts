/**
 * The place where a run happens: a system of its own, with a task around it, or a task that runs already. In a system the
 * process is the init, and all its descendants end with it; in a task it is one exec of several.
 */
import { map, type Observable, of, switchMap } from 'rxjs';
import type { ComputeSystem } from '../hcs/contract/compute-system.js';
import type { ProcessSpec } from '../hcs/contract/process-spec.js';
import { RxshimError } from '../hcs/failures/errors.js';
import type { Exec, ExecOutcome, StopOptions, StopOutcome } from '../streams/exec/interface.js';
import type { StdioRequest } from '../streams/stdio/upstream/stdio-request.js';
import type { Task } from '../streams/task/interface.js';
import { createTask } from '../streams/task/task.js';
import type { RunOptions, RunTarget } from './run-interface.js';

/** A process that was created for a run, with the functions that end it and remove what is left of it. */
export interface HostedExec {
  readonly exec: Exec;
  wait(): Observable<ExecOutcome>;
  stop(options: StopOptions): Observable<StopOutcome>;
  remove(): Observable<unknown>;
}

export interface HostRequest {
  readonly spec: ProcessSpec;
  readonly stdio: StdioRequest;
  readonly options: RunOptions;
}

export const isTask = (target: RunTarget): target is Task => 'createExec' in target;

export const systemOf = (target: RunTarget): ComputeSystem => (isTask(target) ? target.system : target);

/** Emits once, with the exec in state `created`. */
export const host = (target: RunTarget, request: HostRequest): Observable<HostedExec> =>
  isTask(target) ? inTask(target, request) : inSystem(target, request);

/** No two runs of this program have one name. */
let runs = 0;
const nextId = (): string => `run-${++runs}`;

const inTask = (task: Task, { spec, stdio, options }: HostRequest): Observable<HostedExec> =>
  task.createExec({ id: options.id ?? nextId(), spec, stdio }).pipe(
    map((exec) => ({
      exec,
      wait: () => exec.wait(),
      stop: (how) => exec.stop(how),
      remove: () => task.delete(exec.id),
    })),
  );

const inSystem = (given: ComputeSystem, { spec, stdio, options }: HostRequest): Observable<HostedExec> =>
  of(given).pipe(
    switchMap((system) => {
      if (system.initInDocument === true)
        throw new RxshimError(
          'failedPrecondition',
          `run: the container ${system.id} has a document that says what its init runs: run commands in a task of it`,
        );
      const { id = nextId(), policies, scheduler } = options;
      return createTask({
        id,
        // Each run has its own system if there can be several. Otherwise there is one run, and a second task is refused.
        system: system.fresh?.() ?? system,
        spec,
        stdio,
        ...(policies && { policies }),
        ...(scheduler && { scheduler }),
      });
    }),
    map((task) => ({
      exec: task.init,
      wait: () => task.wait(),
      stop: (how) => task.stop(how),
      remove: () => task.delete(),
    })),
  );
