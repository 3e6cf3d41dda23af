/**
 * A container of an OCI runtime as the daemon's engine makes it, over the compute system of the simulation of execs: what
 * its processes do, and which of its calls fail, hang or come late, the scenario says.
 */
import { EMPTY, map, merge, NEVER, type Observable, of, Subject, takeUntil, tap } from 'rxjs';
import type { Delivery } from '../../../src/hcs/contract/compute-process.js';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import type { RuncContainer, RuncStats } from '../../../src/hcs/runc/index.js';
import type { Scenario } from '../scenario.js';
import { type SimEngine, simEngine } from '../sim-engine.js';
import type { SimScheduler } from '../sim-scheduler.js';
import type { Entry } from '../trace.js';
import type { BelowEvent, ContainerEvent, DaemonScenario } from './scenario.js';

export interface SimContainer {
  readonly runc: RuncContainer;
  readonly engine: SimEngine;
}

const quick = { shutdown: 0, terminate: 0, dying: 0, exitReport: 0, withInit: 0 };

/** The scenario of one container, for the simulation below. */
const below = (scenario: DaemonScenario, c: number): Scenario => {
  const made = scenario.events.find(
    (event): event is ContainerEvent => event.kind === 'container' && event.c === c,
  );
  return {
    seed: scenario.seed,
    bytes: false,
    ties: 0,
    healAt: scenario.healAt,
    drain: { cap: 0 },
    system: 'holds',
    lags: made?.lags ?? quick,
    events: scenario.events
      .filter((event): event is BelowEvent => event.kind === 'below' && event.c === c)
      .map(({ event }) => event),
  };
};

export const simContainer = (
  scenario: DaemonScenario,
  c: number,
  scheduler: SimScheduler,
  record: (entry: Entry) => void,
  firstPid: number,
): SimContainer => {
  const engine = simEngine({ scenario: below(scenario, c), scheduler, record, firstPid });
  const { system, perform, processes } = engine;
  const act = (call: string): Observable<never> =>
    perform<never>({ exec: '', pid: 0, call: `container.${call}`, effect: () => undefined });
  const signalAll = (signal: number): Observable<Delivery> =>
    perform<Delivery>({
      exec: '',
      pid: 0,
      call: 'container.signalAll',
      signal,
      effect: () => {
        const living = processes.filter(({ alive }) => alive);
        merge(...living.map(({ process }) => process.signal({ Signal: signal }))).subscribe({
          error: () => undefined,
        });
        return undefined;
      },
      value: () => 'delivered',
    });
  // A runtime that makes a container is killed when that is to end: then it makes none.
  const terminated$ = new Subject<void>();
  const killed$ = terminated$.pipe(
    tap(() => {
      throw new RxshimError('unavailable', 'the runtime was killed');
    }),
  );
  const runc: RuncContainer = {
    ...system,
    initInDocument: true,
    create: (parameters) =>
      (system.create?.({ ...parameters, OciProcess: { args: ['t'] } }) ?? EMPTY).pipe(takeUntil(killed$)),
    terminate: () => system.terminate().pipe(tap({ subscribe: () => terminated$.next() })),
    delete: () => system.delete?.().pipe(map((value) => value as never)) ?? EMPTY,
    oom$: NEVER,
    pause: () => act('pause'),
    resume: () => act('resume'),
    update: () => act('update'),
    checkpoint: () => act('checkpoint'),
    stats: () => of({ version: 2, metrics: {} } as RuncStats),
    signalAll,
  };
  return { runc, engine };
};
