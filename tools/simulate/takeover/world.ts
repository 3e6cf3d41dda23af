/** One world with two orchestrators: the first creates the task and is killed, the second adopts it. */
import { concat, ignoreElements, of } from 'rxjs';
import type { AdoptedProcess } from '../../../src/hcs/contract/adoption.js';
import type { ComputeSystem } from '../../../src/hcs/contract/compute-system.js';
import { adoptTask } from '../../../src/streams/task/adopt-task.js';
import type { Task } from '../../../src/streams/task/interface.js';
import { createTask } from '../../../src/streams/task/task.js';
import { randomFrom } from '../../../src/testing/simulate/random.js';
import { type Verdict, verdictOn } from '../check.js';
import { type Run, readRun } from '../run-log.js';
import { idOf, policiesIn, type SimEvent } from '../scenario.js';
import { simEngine } from '../sim-engine.js';
import type { SimProcess } from '../sim-process.js';
import { simRelays } from '../sim-relay.js';
import { SimScheduler } from '../sim-scheduler.js';
import { simUsers } from '../sim-users.js';
import type { Entry } from '../trace.js';
import { withoutClocks } from '../without-clocks.js';
import { historyOf, withUnseenSteps } from './history.js';
import { mortal } from './mortal.js';
import type { TakeoverScenario } from './scenario.js';

const maxSteps = 10_000;

export const runScenario = (scenario: TakeoverScenario): Verdict => {
  const scheduler = new SimScheduler(scenario.ties === 0 ? undefined : randomFrom(scenario.ties));
  const trace: Entry[] = [];
  const record = (entry: Entry): void => void trace.push(entry);
  const policies = policiesIn(scenario);
  const engine = simEngine({ scenario, scheduler, record });
  const relays = simRelays(engine, scheduler, record);
  const first = mortal(scheduler);
  const firstUsers = simUsers({
    scenario,
    scheduler: mortalClock(scheduler, first.alive),
    record: (entry) => void (first.alive() && record(entry)),
    streams: undefined,
  });
  let steps = 0;
  let from = 0;
  let history: Entry[] | undefined;
  let names = new Set<string>();
  let task: Task | undefined;
  let healed = false;
  let startedUnasked = false;
  let second: ReturnType<typeof simUsers> | undefined;

  const endAll = (): void => {
    if (task === undefined || second === undefined) return;
    const { init, closed$ } = task;
    second.perform('t', 'forceExit', init.forceExit(137), { value: 137 });
    second.perform('t', 'dispose', concat(closed$, second.delete()).pipe(ignoreElements()));
  };

  const takeOver = (): void => {
    const found = adoptableIn(engine.processes, trace);
    if (found === undefined) return;
    const isStarted = scenario.system !== 'holds' || wasAsked(trace, 'container.start');
    const past = { at: scheduler.now(), trace: [...trace], adopted: found, isStarted };
    history = historyOf({ ...past, holds: scenario.system === 'holds' });
    names = new Set(found.map(({ exec }) => exec).filter((exec) => isStarted || exec !== 't'));
    from = trace.length;
    const now = scheduler.now();
    const later = scenario.events
      .filter((event) => event.kind !== 'command' || event.at >= now)
      .map((event): SimEvent => (event.kind === 'command' ? { ...event, at: event.at - now } : event));
    const users = simUsers({
      scenario: { ...scenario, events: later },
      scheduler,
      record,
      streams: undefined,
    });
    second = users;
    const system = adoptableSystem(engine.system, found, { isStarted, terminals: terminalsIn(scenario) });
    adoptTask({
      id: 't',
      system,
      scheduler,
      policies,
      publish: engine.publish,
      startRelay: relays.start,
      stdio: users.stdioFor(0),
      execStdio: (id) => users.stdioFor(Number(id.slice(1))),
    }).subscribe({
      next: (adopted) => {
        task = adopted;
        startedUnasked = !isStarted && adopted.init.state === 'running';
        users.take(adopted);
        if (healed) endAll();
      },
    });
  };

  const begin = (): void => {
    createTask({
      id: 't',
      system: first.system(engine.system),
      spec: { args: ['t'] },
      stdio: firstUsers.stdioFor(0),
      scheduler: first.scheduler,
      policies,
      publish: (event) => engine.publish(event).pipe(first.own()),
      startRelay: relays.start,
    }).subscribe({ next: (made) => firstUsers.take(made), error: () => undefined });
    scheduler.later(scenario.killedAt, () => {
      first.kill();
      scheduler.later(scenario.away, takeOver);
    });
    scheduler.later(scenario.healAt + scenario.killedAt + scenario.away, () => {
      healed = true;
      engine.faults.heal();
      record({ at: scheduler.now(), exec: '', is: 'healed' });
      endAll();
    });
  };

  withoutClocks(record, () => {
    begin();
    const deadline = scenario.healAt + scenario.killedAt + scenario.away + 30_000;
    while (steps < maxSteps && scheduler.step(deadline)) steps += 1;
    for (const [id, exec] of second?.execs ?? [])
      exec
        .wait()
        .subscribe(({ status }) =>
          record({ at: scheduler.now(), exec: id, is: 'waiter', came: 'late', status }),
        );
  });

  // What the first orchestrator had asked for, and the engine made after the adoption: it ends with the container.
  const lived = trace.slice(from);
  const isAsked = (exec: string, place: number): boolean =>
    lived
      .slice(0, place)
      .some(
        (entry) => entry.is === 'asked' && entry.exec === exec && entry.call === 'container.createProcess',
      );
  const strays = new Set(
    lived.flatMap((entry, place) => (entry.is === 'made' && !isAsked(entry.exec, place) ? [entry.pid] : [])),
  );
  const isKnown = (entry: Entry): boolean =>
    (entry.exec === '' || second?.execs.has(entry.exec) === true) &&
    !('pid' in entry && strays.has(entry.pid));
  const run: Run = {
    task: 't',
    trace:
      history === undefined ? [] : [...history, ...withUnseenSteps(trace.slice(from).filter(isKnown), names)],
    bounds: policies,
    over: true,
    restless: steps >= maxSteps,
    leaves: scenario.system !== undefined,
    background: scenario.background === true,
    alive: engine.processes.filter(({ alive, tree }) => alive || tree?.alive()).map(({ pid }) => pid),
    leftovers: [],
  };
  if (history === undefined) return { log: readRun(run), violation: undefined };
  const verdict = judged(run);
  const startedFirst = 'An adopted init that waits for its start does not run before it is started';
  return startedUnasked && verdict.violation === undefined
    ? { ...verdict, violation: { sentence: startedFirst, what: 'it was adopted as running' } }
    : verdict;
};

/** What users do at their instants, as long as they live. */
const mortalClock = (scheduler: SimScheduler, alive: () => boolean): SimScheduler =>
  Object.create(scheduler, {
    now: { value: () => scheduler.now() },
    later: {
      value: (delay: number, act: () => void) => scheduler.later(delay, () => void (alive() && act())),
    },
  });

const wasAsked = (trace: readonly Entry[], call: string): boolean =>
  trace.some((entry) => entry.is === 'asked' && entry.call === call);

/** The init first; without what the first orchestrator has released. Nothing where there is no container any more. */
const adoptableIn = (
  processes: readonly SimProcess[],
  trace: readonly Entry[],
): readonly SimProcess[] | undefined => {
  if (wasAsked(trace, 'container.delete') || wasAsked(trace, 'container.close')) return undefined;
  const isReleased = ({ pid }: SimProcess): boolean =>
    trace.some((entry) => entry.is === 'asked' && entry.call === 'process.close' && entry.pid === pid);
  const left = processes.filter((process) => !isReleased(process));
  const init = left.find(({ exec }) => exec === 't');
  // The engine made the earlier ones of an id too late for their exec.
  const execs = new Map(left.filter(({ exec }) => exec !== 't').map((process) => [process.exec, process]));
  return init && [init, ...execs.values()];
};

const adoptableSystem = (
  system: ComputeSystem,
  [init, ...execs]: readonly SimProcess[],
  { isStarted, terminals }: { readonly isStarted: boolean; readonly terminals: ReadonlySet<string> },
): ComputeSystem =>
  Object.create(system, {
    adopt: {
      value: () =>
        of({
          init: { ...adoptedFrom(init as SimProcess, isStarted, terminals), id: '' },
          execs: execs.map((process) => adoptedFrom(process, true, terminals)),
          labels: {},
        }),
    },
  });

const adoptedFrom = (
  { exec, process }: SimProcess,
  isStarted: boolean,
  terminals: ReadonlySet<string>,
): AdoptedProcess => ({
  id: exec,
  phase: isStarted ? 'started' : 'created',
  process,
  terminal: terminals.has(exec),
});

const terminalsIn = ({ events }: TakeoverScenario): ReadonlySet<string> =>
  new Set(events.flatMap((event) => (event.kind === 'terminal' ? [idOf(event.exec)] : [])));

/**
 * Sentences that are not checked here. What an exec has lived through before its task is returned is recorded late, so the
 * order of its release and of the close is unknown.
 */
const unknownHere = new Set(['A container is closed when all that was in it is released']);

const judged = (run: Run): Verdict => {
  const { log, violation } = verdictOn(run, ({ sentence }) => !unknownHere.has(sentence));
  return { log, violation };
};
