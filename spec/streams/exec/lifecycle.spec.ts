import { describe, expect, it } from '@jest/globals';
import {
  type EffectName,
  everywhere,
  lifecycle,
  type Phase,
  stateOf,
} from '../../../src/streams/exec/state/lifecycle.js';
import { reduce } from '../../../src/streams/exec/state/reduce.js';
import { initialState, type State } from '../../../src/streams/exec/state/state.js';
import { facts, type Node, pathOf, type Step, walk } from './lifecycle-walk.js';

const lives = walk();

/** Fails with the first path that breaks the rule, as a line a person can follow. */
const everyStep = (rule: (step: Step) => boolean): void => {
  const broken = lives.steps.find((step) => !rule(step));
  expect(
    broken && described(pathOf(broken.to), broken.fact, broken.from.state, broken.to.state),
  ).toBeUndefined();
};
const everyNode = (rule: (node: Node) => boolean): void => {
  const broken = lives.nodes.find((node) => !rule(node));
  expect(broken && described(pathOf(broken), broken.state)).toBeUndefined();
};
const described = (path: readonly string[], ...what: readonly object[]): string =>
  `${['created', ...path].join(' → ')}\n${JSON.stringify(what, undefined, 2)}`;

const phases = Object.keys(lifecycle) as Phase[];
const changed = ({ from, to }: Step): boolean => from.state !== to.state;
const order: readonly State['state'][] = ['created', 'running', 'exited'];

describe('every life that the lifecycle table allows', () => {
  it('is one of finitely many, and every phase and every edge is part of one', () => {
    expect(new Set(lives.nodes.map(({ state }) => state.phase))).toEqual(new Set(phases));
    const walked = new Set(
      lives.steps
        .filter((step) => changed(step) && lifecycle[step.from.state.phase][step.fact.type] !== undefined)
        .map(({ from, fact }) => `${from.state.phase} ${fact.type}`),
    );
    const listed = phases.flatMap((phase) => Object.keys(lifecycle[phase]).map((fact) => `${phase} ${fact}`));
    expect(walked).toEqual(new Set(listed));
    expect(lives.depth).toBeGreaterThan(6);
  });

  it('knows every kind of fact that the reducer takes', () => {
    const kinds = new Set([...facts.values()].map(({ type }) => type));
    const inTables = new Set([...phases.map((phase) => lifecycle[phase]), everywhere].flatMap(Object.keys));
    expect(new Set<string>(kinds)).toEqual(inTables);
  });

  it('leaves an exec as it is, the very same object, for a fact without an edge', () => {
    everyStep((step) => {
      const { from, fact } = step;
      const isListed = lifecycle[from.state.phase][fact.type] ?? everywhere[fact.type];
      return isListed !== undefined || !changed(step);
    });
  });

  it('never changes a state in place', () => {
    const frozen = walk((state, fact) => reduce(Object.freeze(state), Object.freeze(fact)));
    expect(frozen.nodes).toHaveLength(lives.nodes.length);
  });

  it('has one exit at most, and never another status or time afterwards', () => {
    everyStep(({ from, to }) => from.state.exit === undefined || to.state.exit === from.state.exit);
  });

  it('has an exit exactly when it is exited', () => {
    everyNode(({ state }) => (state.exit !== undefined) === (state.state === 'exited'));
  });

  it('goes from created to running to exited and never back', () => {
    everyStep(({ from, to }) => order.indexOf(to.state.state) >= order.indexOf(from.state.state));
    everyNode(({ state }) => state.state === stateOf[state.phase]);
  });

  it('ends without a published start event only when it never ran, timed out or had its start undone', () => {
    const unpublished = new Set<string>(['systemGone', 'launchFailed', 'timedOut', 'undone']);
    everyStep(({ from, fact, to }) => {
      const ends = from.state.exit === undefined && to.state.exit !== undefined;
      const neverRan = from.state.phase === 'created' || unpublished.has(fact.type);
      return !ends || from.state.announced || from.state.phase === 'aborting' || neverRan;
    });
  });

  it('has a pid from the moment that there is a process, and keeps it', () => {
    everyStep(
      ({ from, fact, to }) =>
        to.state.pid ===
        (fact.type === 'launched' && from.state.phase === 'starting' ? fact.pid : from.state.pid),
    );
    everyNode(({ state }) => state.state !== 'running' || state.pid !== 0);
  });

  it('is never announced without a pid, and never unsaid', () => {
    everyNode(({ state }) => !state.announced || state.pid !== 0);
    everyStep(({ from, to }) => to.state.announced || !from.state.announced);
  });

  it('says that output was cut only when it was, and keeps to it', () => {
    everyStep(({ from, fact, to }) => {
      const cut = fact.type === 'drained' && fact.truncated && from.state.phase === 'draining';
      return to.state.truncated === (cut || from.state.truncated);
    });
  });

  it('does nothing after its release but see to what is detached, and nothing but let go after its exit', () => {
    const detached = new Set<EffectName>(['abandon', 'watchTree', 'expectTree']);
    everyStep(
      ({ from, effects }) =>
        from.state.phase !== 'released' || effects.every((effect) => detached.has(effect)),
    );
    const lettingGo = new Set<EffectName>([...detached, 'drain', 'release', 'retire']);
    everyStep(
      ({ from, effects }) =>
        from.state.exit === undefined || effects.every((effect) => lettingGo.has(effect)),
    );
  });

  it('does to a process only what it can while it has one', () => {
    const needsProcess = new Set<EffectName>(['announce', 'watchProcess', 'kill', 'drain', 'release']);
    everyStep(({ to, effects }) => to.state.pid !== 0 || !effects.some((effect) => needsProcess.has(effect)));
  });

  it.each(['announce', 'undo', 'watchProcess', 'release', 'retire'] as const)(
    'never asks for this twice: %s',
    (effect) => everyNode(({ deeds }) => deeds[effect] !== 2),
  );

  it('closes its upstream exactly once before its release: after a drain, or with nothing to drain', () => {
    everyNode(({ state, deeds }) => {
      if (state.phase !== 'releasing' && state.phase !== 'released') return !deeds.release && !deeds.retire;
      return deeds.release === undefined
        ? deeds.retire === 1 && !state.drained
        : !deeds.retire && state.drained;
    });
  });

  it('publishes the exit of everything whose start event was published', () => {
    everyNode(({ state, deeds }) => state.phase !== 'released' || !state.announced || deeds.release === 1);
  });

  it('watches what runs, and kills what must not', () => {
    everyNode(({ state, deeds }) => state.phase !== 'running' || deeds.watchProcess === 1);
    everyNode(
      ({ state, deeds }) =>
        state.phase !== 'aborting' ||
        (deeds.kill === 1 && state.exitDeadline !== undefined && deeds.watchProcess === 1),
    );
  });

  it('never leaves a process behind that timed out without having killed it', () => {
    everyStep(
      (step) =>
        step.fact.type !== 'timedOut' ||
        !changed(step) ||
        step.to.state.pid === 0 ||
        step.to.deeds.kill !== undefined ||
        step.from.state.killed,
    );
  });

  it('has some way to its release from wherever it stands', () => {
    const alive = new Set(
      lives.nodes.filter(({ state }) => state.phase === 'released').map(({ state }) => state.phase),
    );
    for (let size = -1; size !== alive.size; ) {
      size = alive.size;
      for (const { from, to } of lives.steps) if (alive.has(to.state.phase)) alive.add(from.state.phase);
    }
    expect(alive).toEqual(new Set(phases));
  });

  it('needs no help to its release once it is exited, or has a deadline for it', () => {
    // What the exec itself brings about, whatever engine, upstream and publisher do.
    const byItself = new Set<string>(['timedOut', 'treeEnded', 'drained', 'released']);
    everyNode((node) => {
      if (node.state.exit === undefined && node.state.exitDeadline === undefined) return true;
      let { state } = node;
      for (let i = 0; i < 4 && state.phase !== 'released'; i += 1) {
        const next = [...facts.values()].find(
          (fact) => byItself.has(fact.type) && reduce(state, fact) !== state,
        );
        if (next === undefined) return false;
        state = reduce(state, next);
      }
      return state.phase === 'released';
    });
  });

  it('can time out while its start hangs, its start event hangs, or it runs', () => {
    for (const phase of ['starting', 'announcing', 'running'] as const) {
      expect(lifecycle[phase].forceExit?.effects).toContain('expectExit');
      expect(lifecycle[phase].timedOut).toBeDefined();
    }
  });
});

describe('the reducer', () => {
  it('begins with an exec that was never started', () => {
    expect(initialState).toMatchObject({ state: 'created', pid: 0, announced: false, exit: undefined });
  });

  it('says by which fact a state was reached, but for steps that concern the exec alone', () => {
    everyStep((step) => {
      const edge = lifecycle[step.from.state.phase][step.fact.type];
      const internal = edge === undefined || edge.internal || !changed(step);
      return step.to.state.via === (internal ? step.from.state.via : step.fact.type);
    });
  });
});
