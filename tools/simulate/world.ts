/**
 * One world: the production task, execs, outbox and stop policy over a simulated engine, publisher and clock, living
 * through one scenario in two phases.
 *
 * First everything may go wrong, and nothing untrue may be said. Then all faults end, everything that still is, is told
 * to end, and must come to its end within the sum of the declared bounds.
 */
import { concat, defer, EMPTY, ignoreElements, type Observable } from 'rxjs';
import { kindOf } from '../../src/hcs/errors.js';
import type { Exec } from '../../src/streams/exec/exec-interface.js';
import type { ExecState } from '../../src/streams/exec/exec-state.js';
import type { StdioRequest } from '../../src/streams/stdio/upstream/stdio-request.js';
import { createTask } from '../../src/streams/task/task.js';
import type { Task } from '../../src/streams/task/task-interface.js';
import { randomFrom } from './random.js';
import { bounds, idOf, type Scenario, type SimEvent } from './scenario.js';
import { execOf, pidOf, simEngine, statusIn } from './sim-engine.js';
import { simRelays } from './sim-relay.js';
import { SimScheduler } from './sim-scheduler.js';
import { simStreams } from './sim-streams.js';
import type { Story } from './story.js';
import type { Entry } from './trace.js';

type CommandEvent = Extract<SimEvent, { kind: 'command' }>;

/** After the healing: a kill that waits for its turn and is not answered, a drain, closing, and the container's end. */
const { exitTimeout, publishTimeout, closeTimeout, endTimeout } = bounds;
export const execBound = (cap: number): number => 2 * exitTimeout + cap + 2 * closeTimeout + publishTimeout;
const taskBound = 3 * endTimeout + 3 * closeTimeout + publishTimeout;
/** An event that failed often is tried again after this at the latest. */
const longestRetry = 5_000;
/** More than this in one world is going round in circles. */
const mostSteps = 5_000;

export interface World {
  /** Runs one action; false when there is nothing more to do. */
  step(): boolean;
  /** What happened, once there is nothing more to do. */
  story(): Story;
}

export const makeWorld = (scenario: Scenario): World => {
  const scheduler = new SimScheduler(scenario.ties === 0 ? undefined : randomFrom(scenario.ties));
  const trace: Entry[] = [];
  const record = (entry: Entry): void => {
    trace.push(entry);
  };
  const now = (): number => scheduler.now();
  const streams = scenario.bytes ? simStreams(scenario, scheduler, record) : undefined;
  const engine = simEngine({ scenario, scheduler, record, ...(streams && { stdioOf: streams.stdioOf }) });
  const relays = simRelays(() => engine, scheduler, record);
  const execs = new Map<string, Exec>();
  const deleted = new Set<string>();
  const reactions = new Map<string, CommandEvent>();
  let task: Task | undefined;
  let timersLeft = 0;
  let commands = 0;
  let steps = 0;

  const perform = (exec: string, name: string, work: Observable<unknown>, value = 0): void => {
    commands += 1;
    const number = commands;
    record({ at: now(), exec, is: 'command', number, name, value });
    const answer = (how: string): void => record({ at: now(), exec, is: 'answer', number, how });
    work.subscribe({
      error: (error) => answer(kindOf(error)),
      complete: () => answer('done'),
    });
  };

  const watch = (exec: Exec): void => {
    const { id } = exec;
    execs.set(id, exec);
    const broken = (stream: string) => (): void => record({ at: now(), exec: id, is: 'broken', stream });
    // Somebody who acts on what is told, at once: who listens besides must still hear everything in its order.
    const reaction = reactions.get(id);
    if (reaction !== undefined) {
      exec.state$.subscribe(({ phase }) => {
        if (phase === 'announcing' && reactions.delete(id)) command(reaction);
      });
    }
    exec.state$.subscribe({ next: (state) => record(stateEntry(now(), id, state)), error: broken('state$') });
    exec.released$.subscribe({
      next: ({ status }) => record({ at: now(), exec: id, is: 'waiter', came: 'early', status }),
      error: broken('released$'),
    });
  };

  const stdioFor = (exec: number): StdioRequest => {
    if (streams === undefined) return wantsOutput(scenario, exec) ? { stdout: sink } : {};
    const stdio = scenario.events.find((event) => event.kind === 'stdio' && event.exec === exec);
    if (stdio?.kind !== 'stdio') return {};
    const stdout = streams.sinkFor(idOf(exec));
    return stdio.stdin === 'none' ? { stdout } : { stdin: streams.sourceFor(idOf(exec)), stdout };
  };
  const spec = (exec: number) => ({ args: [idOf(exec)] });

  const command = ({ exec: place, name, value }: CommandEvent): void => {
    const id = idOf(place);
    if (task === undefined || deleted.has(id) || (place > 0 && deleted.has('t'))) return;
    const exec = execs.get(id);
    if (name === 'add') {
      // A name stands for one life: what could not be added is not added again.
      if (exec !== undefined && !task.execs.includes(exec)) return undefined;
      return perform(id, name, task.createExec({ id, spec: spec(place), stdio: stdioFor(place) }));
    }
    if (exec === undefined) return;
    switch (name) {
      case 'start':
        return perform(id, name, exec.start());
      case 'kill':
        return perform(id, name, task.kill(value, { execId: place === 0 ? '' : id }), value);
      case 'killAll':
        return perform(id, name, task.kill(value, { all: true }), value);
      case 'forceExit':
        return perform(id, name, exec.forceExit(value), value);
      case 'stop':
        return perform(id, name, exec.stop({ grace: value }), value);
      case 'resize':
        return perform(id, name, exec.resizePty({ width: 80, height: 24 }));
      case 'closeIo':
        return perform(id, name, exec.closeIo());
      case 'wait':
        return perform(id, name, exec.wait());
      case 'pids':
        return perform(id, name, task.pids());
      case 'delete': {
        const deleting = task.delete(place === 0 ? '' : id);
        const forgotten$ = defer(() => {
          deleted.add(id);
          return EMPTY;
        });
        return perform(id, name, concat(deleting, forgotten$));
      }
    }
  };

  let healed = false;
  const heal = (): void => {
    healed = true;
    engine.heal();
    record({ at: now(), exec: '', is: 'healed' });
    if (task !== undefined) endAll(task);
  };

  const endAll = (task: Task): void => {
    const { init, closed$ } = task;
    perform('t', 'forceExit', init.forceExit(137), 137);
    const delete$ = defer(() => (deleted.has('t') ? EMPTY : task.delete()));
    const looked$ = defer(() => {
      // Without faults nothing hangs, and so nothing is waited for any more.
      if (!scenario.events.some(({ kind }) => kind === 'fault'))
        scheduler.later(0, () => (timersLeft = scheduler.engineTimers));
      return EMPTY;
    });
    perform('t', 'dispose', concat(closed$.pipe(ignoreElements()), delete$.pipe(ignoreElements()), looked$));
  };

  for (const event of scenario.events) {
    if (event.kind !== 'command') continue;
    if (event.at < 0) reactions.set(idOf(event.exec), event);
    else scheduler.later(event.at, () => command(event));
  }

  createTask({
    id: 't',
    system: engine.system,
    spec: spec(0),
    stdio: stdioFor(0),
    scheduler,
    policies: { ...bounds, drain: scenario.drain },
    publish: engine.publish,
    ...(streams === undefined && { startRelay: relays.start }),
  }).subscribe({
    next: (made) => {
      task = made;
      made.execs$.subscribe(watch);
      made.events$.subscribe((event) =>
        record({
          at: now(),
          exec: execOf(event),
          is: 'out',
          event: event.type,
          pid: pidOf(event),
          status: statusIn(event),
        }),
      );
    },
    error: () => undefined,
    // It may have taken its time.
    complete: () => {
      if (healed && task !== undefined) endAll(task);
    },
  });
  scheduler.later(scenario.healAt, heal);

  const deadline =
    scenario.healAt + execBound(scenario.drain.cap) + taskBound + longestRetry + publishTimeout;

  const lateWaiters = (): void => {
    for (const [id, exec] of execs) {
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
    // One watch for all execs stays with a container of which nobody ever said that it is gone.
    ...(engine.listeners() > (engine.gone() ? 0 : 1)
      ? [`${engine.listeners()} subscriptions to the container's end`]
      : []),
    ...(relays.listeners() > 0 ? [`${relays.listeners()} subscriptions to a relay`] : []),
  ];

  return {
    step: () => {
      steps += 1;
      return steps < mostSteps && scheduler.step(deadline);
    },
    story: () => {
      lateWaiters();
      return {
        task: 't',
        trace,
        bounds: { ...bounds, cap: scenario.drain.cap, idle: scenario.drain.idle },
        over: true,
        restless: steps >= mostSteps,
        alive: engine.processes.filter(({ alive }) => alive).map(({ pid }) => pid),
        leftovers: leftovers(),
      };
    },
  };
};

/** Never written to: the relay of these worlds has no bytes. */
const sink = { write: () => Promise.resolve() };

const wantsOutput = ({ events }: Scenario, exec: number): boolean =>
  events.some((event) => event.kind === 'life' && event.exec === exec && event.holds !== 0);

const stateEntry = (at: number, exec: string, { phase, via, pid, exit, truncated }: ExecState): Entry => ({
  at,
  exec,
  is: 'state',
  phase,
  via,
  pid,
  exit: exit && { kind: exit.kind, status: exit.status, at: exit.at, forced: exit.forced },
  truncated,
});
