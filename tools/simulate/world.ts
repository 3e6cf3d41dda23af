/**
 * One world: the production task, execs, outbox and stop policy over a simulated engine, publisher and clock, living
 * through one scenario in two phases.
 *
 * First everything may go wrong, and nothing untrue may be said. Then all faults end, everything that still runs is asked
 * to end, and must come to its end within the sum of the declared bounds.
 */
import { concat, defer, EMPTY, ignoreElements } from 'rxjs';
import type { Logger } from '../../src/streams/log.js';
import type { Policies } from '../../src/streams/policies.js';
import { pullRelay } from '../../src/streams/stdio/relay/relay.js';
import type { Task } from '../../src/streams/task/interface.js';
import { createTask } from '../../src/streams/task/task.js';
import { randomFrom } from '../../src/testing/simulate/random.js';
import type { Run } from './run-log.js';
import { drainBound, idOf, noLags, policiesIn, type Scenario, type SinkKind } from './scenario.js';
import { simEngine } from './sim-engine.js';
import { simRelays } from './sim-relay.js';
import { SimScheduler } from './sim-scheduler.js';
import { simStreams } from './sim-streams.js';
import { simUsers } from './sim-users.js';
import { spiedRelay } from './spied-relay.js';
import type { Entry } from './trace.js';
import { withoutClocks } from './without-clocks.js';

/** After the healing: a kill that waits for its turn and is not answered, a drain, closing, and the container's end. */
const execBound = ({ exitTimeout, publishTimeout, closeTimeout, drain }: Policies): number =>
  2 * exitTimeout + drainBound(drain) + 2 * closeTimeout + publishTimeout;
/** Shut down, terminated, its execs waited for, closed, its exit published; terminated again, and deleted. */
const taskBound = ({ publishTimeout, closeTimeout, endTimeout }: Policies): number =>
  5 * endTimeout + 4 * closeTimeout + publishTimeout;
/** An event that failed often is tried again after this at the latest. */
const longestRetry = 5_000;
/** Making a container has no bound. A caller whose container is never made waits this long after the faults have ended. */
const creationTimeout = 250;
/** More than this in one world is going round in circles. */
const mostSteps = 5_000;

export interface World {
  /** Runs one action; false when there is nothing more to do. */
  step(): boolean;
  /** Runs all that there is to do. */
  run(): void;
  /** What happened, once there is nothing more to do. */
  recorded(): Run;
}

const flowing = ({ events }: Scenario): ReadonlySet<string> => {
  const those = new Set<string>();
  for (const event of events) if (event.kind === 'life' && event.flows) those.add(idOf(event.exec));
  return those;
};

const inputs = ({ events }: Scenario): ReadonlyMap<string, 'open' | 'ends'> => {
  // One that breaks ends for the process as one that ends does.
  const those = new Map<string, 'open' | 'ends'>();
  for (const event of events)
    if (event.kind === 'stdio' && event.stdin !== 'none' && event.stdin !== 'stuck')
      those.set(idOf(event.exec), event.stdin === 'open' ? 'open' : 'ends');
  return those;
};

const sinks = ({ events }: Scenario): ReadonlyMap<string, SinkKind> => {
  const those = new Map<string, SinkKind>();
  for (const event of events) if (event.kind === 'stdio') those.set(idOf(event.exec), event.sink);
  return those;
};

/** @param log of the task and its execs; the world itself has none. */
export const makeWorld = (scenario: Scenario, log?: Logger): World => {
  const scheduler = new SimScheduler(scenario.ties === 0 ? undefined : randomFrom(scenario.ties));
  const trace: Entry[] = [];
  const record = (entry: Entry): void => {
    trace.push(entry);
  };
  const now = (): number => scheduler.now();
  const streams = scenario.bytes ? simStreams(scenario, scheduler, record) : undefined;
  const policies = policiesIn(scenario);
  const engine = simEngine({ scenario, scheduler, record, stdioOf: streams?.stdioOf });
  const relays = simRelays(engine, scheduler, record);
  const users = simUsers({ scenario, scheduler, record, streams });
  const startRelay = streams === undefined ? relays.start : pullRelay;
  let task: Task | undefined;
  let healed = false;
  let timersLeft = 0;
  const { exitReport } = scenario.lags ?? noLags;
  const reported = exitReport === 0 ? 0 : exitReport + 1;
  let steps = 0;

  const endAll = ({ init, closed$ }: Task): void => {
    users.perform('t', 'forceExit', init.forceExit(137), { value: 137 });
    const looked$ = defer(() => {
      // Without faults nothing hangs, and so nothing is waited for any more, once the ends of its processes are reported.
      if (!scenario.events.some(({ kind }) => kind === 'fault'))
        scheduler.later(reported, () => (timersLeft = scheduler.engineTimers));
      return EMPTY;
    });
    const ended$ = concat(closed$, users.delete()).pipe(ignoreElements());
    users.perform('t', 'dispose', concat(ended$, looked$));
  };

  const creating = withoutClocks(record, () =>
    createTask({
      id: 't',
      system: engine.system,
      spec: { args: ['t'] },
      stdio: users.stdioFor(0),
      scheduler,
      policies,
      publish: engine.publish,
      ...(log === undefined ? {} : { log }),
      startRelay:
        scenario.listens || streams ? spiedRelay(startRelay, engine.processes, record, now) : startRelay,
    }).subscribe({
      next: (made) => {
        task = made;
        users.take(made);
      },
      error: () => undefined,
      // It may have taken its time.
      complete: () => {
        if (healed && task !== undefined) endAll(task);
      },
    }),
  );
  if (scenario.unsubscribesAt !== undefined)
    scheduler.later(scenario.unsubscribesAt, () => creating.unsubscribe());
  scheduler.later(scenario.healAt, () => {
    healed = true;
    engine.faults.heal();
    record({ at: now(), exec: '', is: 'healed' });
    if (task !== undefined) endAll(task);
    else scheduler.later(creationTimeout, () => creating.unsubscribe());
  });

  const deadline =
    scenario.healAt +
    creationTimeout +
    2 * execBound(policies) +
    taskBound(policies) +
    longestRetry +
    policies.publishTimeout;

  const lateWaiters = (): void => {
    for (const [id, exec] of users.execs) {
      exec
        .wait()
        .subscribe(({ status }) => record({ at: now(), exec: id, is: 'waiter', came: 'late', status }));
    }
  };

  const leftovers = (): string[] => [
    ...(timersLeft + scheduler.engineTimers > 0 ? [`${timersLeft + scheduler.engineTimers} timers`] : []),
    ...engine.processes
      .filter((process) => process.listeners() > 0)
      .map(({ pid }) => `a subscription to the end of process ${pid}`),
    // One watch for all execs stays with a container whose exit was never reported.
    ...(engine.listeners() > (engine.gone() ? 0 : 1)
      ? [`${engine.listeners()} subscriptions to the container's end`]
      : []),
    ...(relays.listeners() > 0 ? [`${relays.listeners()} subscriptions to a relay`] : []),
  ];

  const step = (): boolean => {
    steps += 1;
    return steps < mostSteps && scheduler.step(deadline);
  };

  return {
    step: () => withoutClocks(record, step),
    run: () =>
      withoutClocks(record, () => {
        while (step());
      }),
    recorded: () => {
      lateWaiters();
      return {
        task: 't',
        trace,
        bounds: policies,
        over: true,
        restless: steps >= mostSteps,
        leaves: scenario.system !== undefined,
        background: scenario.background === true,
        listens: scenario.listens === true,
        flowing: scenario.bytes ? undefined : flowing(scenario),
        inputs: scenario.bytes ? inputs(scenario) : undefined,
        sinks: scenario.bytes ? sinks(scenario) : undefined,
        alive: engine.processes.filter(({ alive, tree }) => alive || tree?.alive()).map(({ pid }) => pid),
        leftovers: leftovers(),
      };
    },
  };
};
