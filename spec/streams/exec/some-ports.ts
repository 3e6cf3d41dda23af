/** Ports for one effect, without an exec around it: an engine, upstream and publisher that do what a spec says. */
import { EMPTY, NEVER, Observable, of, type SchedulerLike } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../../src/hcs/contract/compute-system.js';
import { scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import { serialQueue } from '../../../src/operators/serial-queue.js';
import type { ExecOptions } from '../../../src/streams/exec/options.js';
import { handlesOf, type Ports } from '../../../src/streams/exec/ports.js';
import { defaultPolicies, type Policies } from '../../../src/streams/policies.js';
import { unconnected } from '../../../src/streams/stdio/upstream.js';

export const policies: Policies = {
  ...defaultPolicies,
  drain: { cap: 5, stall: 0 },
  exitTimeout: 4,
  publishTimeout: 3,
  closeTimeout: 2,
};

/** An act that notes its name when it is subscribed to, and when it is unsubscribed before its end. */
export const acting =
  (calls: string[]) =>
  <T = never>(name: string, source: Observable<T> = EMPTY): Observable<T> =>
    new Observable((listener) => {
      calls.push(name);
      let over = false;
      const inner = source.subscribe({
        next: (value) => listener.next(value),
        error: (error) => {
          over = true;
          listener.error(error);
        },
        complete: () => {
          over = true;
          listener.complete();
        },
      });
      return () => {
        inner.unsubscribe();
        if (!over) calls.push(`${name} is left`);
      };
    });

export const someProcess = (more: Partial<ComputeProcess> = {}): ComputeProcess => ({
  pid: 4711,
  stdio: {},
  exit$: NEVER,
  signal: () => of('delivered'),
  kill: () => of('delivered'),
  resizeConsole: () => EMPTY,
  closeStdin: () => EMPTY,
  closeStdout: () => EMPTY,
  closeStderr: () => EMPTY,
  close: () => EMPTY,
  ...more,
});

/** Made once: a spec makes ten thousand ports. */
const defaultSystem = scriptedSystem();

export interface Given extends Partial<Omit<ExecOptions, 'system' | 'process'>> {
  readonly init?: boolean;
  readonly system?: Partial<ComputeSystem>;
  /** The process that the exec holds. */
  readonly process?: ComputeProcess | undefined;
  /** It was made before the start. */
  readonly madeBeforehand?: boolean;
}

export const somePorts = (scheduler: SchedulerLike, given: Given = {}): Ports => {
  const { init = false, system, process, madeBeforehand = false, ...more } = given;
  const options: ExecOptions = {
    taskId: 't',
    id: init ? 't' : 'e',
    bundle: '/bundle',
    system: { ...defaultSystem, exit$: NEVER, ...system } as ComputeSystem,
    upstream: unconnected,
    publish: () => EMPTY,
    spec: { args: ['true'] },
    ...(madeBeforehand && process ? { process } : {}),
    ...more,
  };
  return {
    options,
    isInit: init,
    policies,
    scheduler,
    log: undefined,
    enqueue: serialQueue(scheduler),
    handles: handlesOf(process),
  };
};
