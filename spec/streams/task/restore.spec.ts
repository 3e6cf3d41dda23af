/** The state of a task is plain data that can be written down, read back, and replayed from its facts. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY, of } from 'rxjs';
import { machine, resume, taskLoop } from '../../../src/streams/task/machine.js';
import type { Fact } from '../../../src/streams/task/state/fact.js';
import { hasInit, isDeleted } from '../../../src/streams/task/state/lifecycle.js';
import { reduce } from '../../../src/streams/task/state/reduce.js';
import { initialState, type State } from '../../../src/streams/task/state/state.js';
import { inMarbles } from '../../support/marbles.js';
import { effectPorts } from './effect-ports.js';
import { freshTask, type TaskHarness, type TaskScript } from './task-harness.js';
import { walk } from './walk.js';

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Where a task ends whose container, init and execs are gone by the time that its state is read back. */
const outcomeOf = ({ phase, announcement, deletedBy }: State): State['phase'] => {
  if (['abandoned', 'discarding', 'failed'].includes(phase)) return 'failed';
  if (announcement === 'failed') return hasInit(phase) ? 'over' : 'failed';
  return deletedBy !== undefined || phase === 'over' ? 'over' : 'closed';
};

describe('a state that was written as JSON and read back', () => {
  const phases = new Map<string, State>();
  for (const state of walk().states) {
    const { phase, announcement, deletedBy, initExited, survivorDeadline } = state;
    phases.set(
      [phase, announcement, deletedBy === undefined, initExited, survivorDeadline === undefined].join(' '),
      state,
    );
  }

  it('goes on to the same outcome, over ports that answer that all of it is done', () => {
    expect(phases.size).toBeGreaterThan(60);
    for (const [name, state] of phases) {
      const ended = inMarbles(({ scheduler, flush }) => {
        const { ports } = effectPorts(scheduler, {
          system: { exit$: of({ reason: 'ended' as const }), delete: () => EMPTY },
          init: { state: 'exited', exit$: of({}) as never, released$: of({}) as never },
        });
        const loop = taskLoop(ports, { ...initialState, ...copy(state) });
        resume(loop);
        flush();
        return loop.state;
      });
      expect([name, ended.phase]).toEqual([name, outcomeOf(state)]);
      if (isDeleted(ended)) expect([name, ended.execs]).toEqual([name, {}]);
    }
  });

  it('terminates the container of an init that survived SIGKILL at the deadline that was recorded', () => {
    const calls = inMarbles(({ scheduler, flush }) => {
      const made = effectPorts(scheduler, {});
      const at: number[] = [];
      const terminate = () => {
        at.push(scheduler.now());
        return EMPTY;
      };
      const system = { ...made.ports.system, terminate };
      const killed = [
        { type: 'opened' },
        { type: 'created' },
        { type: 'announced' },
        { type: 'killSent', deadline: 70 },
      ] as const;
      const state = killed.reduce<State>(reduce, initialState);
      resume(taskLoop({ ...made.ports, system }, copy(state)));
      flush();
      return at;
    });
    expect(calls).toEqual([70]);
  });
});

interface Recorded {
  readonly facts: readonly Fact[];
  readonly states: readonly State[];
}

/** Every fact and state of the one task that `run` makes. */
const recorded = (run: () => void): Recorded => {
  const facts: Fact[] = [];
  const states: State[] = [];
  const patched = machine as { reduce: typeof reduce };
  const standard = patched.reduce;
  patched.reduce = (state, fact) => {
    const next = standard(state, fact);
    facts.push(fact);
    states.push(next);
    return next;
  };
  try {
    run();
  } finally {
    patched.reduce = standard;
  }
  return { facts, states };
};

type Action = (harness: TaskHarness) => void;

const ignore = { error: () => undefined };
const actions: Readonly<Record<string, Action>> = {
  start: ({ task }) => void task.init.start().subscribe(ignore),
  kill: ({ task }) => void task.kill(9).subscribe(ignore),
  killAll: ({ task }) => void task.kill(9, { all: true }).subscribe(ignore),
  exec: ({ task }) => void task.createExec({ id: 'a', spec: { args: ['true'] } }).subscribe(ignore),
  deleteExec: (harness) => {
    if (harness.task.execs.some(({ id }) => id === 'a')) harness.task.delete('a').subscribe(ignore);
  },
  startExec: ({ task }) => {
    for (const exec of task.execs) exec.start().subscribe(ignore);
  },
  exit: ({ system }) => {
    for (const process of system.processes) process.exit(3);
  },
  gone: ({ system }) => system.exit(),
  stop: ({ task }) => void task.stop({ grace: 50 }).subscribe(ignore),
  delete: ({ task }) => void task.delete().subscribe(ignore),
};

const fails = () => {
  throw new Error('no');
};
const scripts: readonly TaskScript[] = [
  {},
  { systemOptions: { createsFirst: true } },
  { replies: { 'container.shutdown': () => EMPTY as never } },
  { replies: { 'container.shutdown': fails, 'container.terminate': fails } },
];

it('The facts of any simulated task, written as JSON and replayed, lead through the same states', () => {
  const names = Object.keys(actions);
  let longest = 0;
  fc.assert(
    fc.property(
      fc.nat({ max: scripts.length - 1 }),
      fc.array(fc.tuple(fc.constantFrom(...names), fc.nat({ max: 40_000 })), { maxLength: 10 }),
      (script, plan) => {
        const { facts, states } = recorded(() => {
          freshTask(scripts[script] ?? {}, (harness) => {
            for (const [name, at] of plan) harness.at(at, () => actions[name]?.(harness));
          });
        });
        longest = Math.max(longest, facts.length);
        let state = initialState;
        for (const [at, fact] of facts.entries()) {
          state = reduce({ ...initialState, ...copy(state) }, copy(fact));
          expect(copy(state)).toEqual(copy(states[at]));
        }
      },
    ),
    { numRuns: 300, seed: 13 },
  );
  expect(longest).toBeGreaterThan(15);
});
