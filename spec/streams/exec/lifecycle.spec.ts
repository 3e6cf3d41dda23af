import { describe, expect, it } from '@jest/globals';
import { type ExecState, initialState } from '../../../src/streams/exec/exec-state.js';
import { type EffectName, lifecycle, type Phase, stateOf } from '../../../src/streams/exec/lifecycle.js';
import { reduce } from '../../../src/streams/exec/reduce.js';
import { facts, type Node, type Step, walk } from './lifecycle-walk.js';

const lives = walk();

/** Fails with the first path that breaks the rule, as a line a person can follow. */
const everyStep = (rule: (step: Step) => boolean): void => {
  const broken = lives.steps.find((step) => !rule(step));
  expect(broken && told(broken.to.path, broken)).toBeUndefined();
};
const everyNode = (rule: (node: Node) => boolean): void => {
  const broken = lives.nodes.find((node) => !rule(node));
  expect(broken && told(broken.path, broken)).toBeUndefined();
};
const told = (path: readonly string[], what: object): string =>
  `${['created', ...path].join(' → ')}\n${JSON.stringify(what, undefined, 2)}`;

const phases = Object.keys(lifecycle) as Phase[];
const changed = ({ from, to }: Step): boolean => from.state !== to.state;
const order: readonly ExecState['state'][] = ['created', 'running', 'exited'];

describe('every life that the lifecycle table allows', () => {
  it('is one of finitely many, and every phase and every edge is part of one', () => {
    expect(new Set(lives.nodes.map(({ state }) => state.phase))).toEqual(new Set(phases));
    const walked = new Set(
      lives.steps.filter(changed).map(({ from, fact }) => `${from.state.phase} ${fact.type}`),
    );
    const listed = phases.flatMap((phase) => Object.keys(lifecycle[phase]).map((fact) => `${phase} ${fact}`));
    expect(walked).toEqual(new Set(listed));
    expect(lives.depth).toBeGreaterThan(6);
  });

  it('knows every kind of fact that the reducer takes', () => {
    const kinds = new Set([...facts.values()].map(({ type }) => type));
    const inTable = new Set(phases.flatMap((phase) => Object.keys(lifecycle[phase])));
    expect(new Set<string>(kinds)).toEqual(inTable);
  });

  it('leaves an exec as it is, the very same object, for a fact without an edge', () => {
    everyStep(
      ({ from, fact, to }) =>
        (lifecycle[from.state.phase][fact.type] === undefined) === (from.state === to.state),
    );
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

  it('ends without a start that was told only when it never ran, was given up or had its start undone', () => {
    const untold = new Set<string>(['systemGone', 'launchFailed', 'overdue', 'undone']);
    everyStep(({ from, fact, to }) => {
      const ends = from.state.exit === undefined && to.state.exit !== undefined;
      const neverRan = from.state.phase === 'created' || untold.has(fact.type);
      return !ends || from.state.announced || from.state.phase === 'aborting' || neverRan;
    });
  });

  it('has a pid from the moment that there is a process, and keeps it', () => {
    everyStep(
      ({ from, fact, to }) =>
        to.state.pid ===
        (fact.type === 'launched' && changed({ from, fact, to } as Step) ? fact.pid : from.state.pid),
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

  it('does nothing after its release, and nothing but let go after its exit', () => {
    everyStep(({ from, effects }) => from.state.phase !== 'released' || effects.length === 0);
    const lettingGo = new Set<EffectName>(['drain', 'release', 'retire']);
    everyStep(
      ({ from, effects }) =>
        from.state.exit === undefined || effects.every((effect) => lettingGo.has(effect)),
    );
  });

  it('does to a process only what it can while it has one', () => {
    const needsProcess = new Set<EffectName>(['announce', 'watch', 'awaitExit', 'kill', 'drain', 'release']);
    everyStep(({ to, effects }) => to.state.pid !== 0 || !effects.some((effect) => needsProcess.has(effect)));
  });

  it.each<EffectName>(['launch', 'announce', 'watch', 'drain', 'release', 'retire'])(
    'never does this twice: %s',
    (effect) => everyNode(({ deeds }) => deeds[effect] !== 2),
  );

  it('closes its upstream exactly once before its release: after a drain, or with nothing to drain', () => {
    everyNode(({ state, deeds }) => {
      if (state.phase !== 'releasing' && state.phase !== 'released') return !deeds.release && !deeds.retire;
      return deeds.release === undefined
        ? deeds.retire === 1 && !deeds.drain
        : !deeds.retire && deeds.drain === 1;
    });
  });

  it('tells the exit of everything whose start was told', () => {
    everyNode(({ state, deeds }) => state.phase !== 'released' || !state.announced || deeds.release === 1);
  });

  it('watches what runs, and kills what must not', () => {
    everyNode(({ state, deeds }) => state.phase !== 'running' || deeds.watch === 1);
    everyNode(
      ({ state, deeds }) =>
        state.phase !== 'aborting' ||
        (deeds.kill === 1 && deeds.expectExit !== undefined && deeds.awaitExit === 1),
    );
  });

  it('never leaves a process behind that it gave up without having killed it', () => {
    everyStep(
      ({ from, fact, to }) =>
        fact.type !== 'overdue' ||
        !changed({ from, fact, to } as Step) ||
        to.state.pid === 0 ||
        to.deeds.kill !== undefined ||
        from.state.phase === 'running',
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

  it('needs no help to its release once it is exited, or has been told that its end is due', () => {
    // What the exec itself brings about, whatever engine, upstream and publisher do.
    const byItself = new Set<string>(['overdue', 'drained', 'released']);
    everyNode((node) => {
      if (node.state.exit === undefined && node.deeds.expectExit === undefined) return true;
      let { state } = node;
      for (let i = 0; i < 3 && state.phase !== 'released'; i += 1) {
        const next = [...facts.values()].find(
          (fact) => byItself.has(fact.type) && reduce(state, fact) !== state,
        );
        if (next === undefined) return false;
        state = reduce(state, next);
      }
      return state.phase === 'released';
    });
  });

  it('can be given up while its start hangs, its start event hangs, or it runs', () => {
    for (const phase of ['starting', 'announcing', 'running'] as const) {
      expect(lifecycle[phase].forceExit?.effects).toContain('expectExit');
      expect(lifecycle[phase].overdue).toBeDefined();
    }
  });
});

describe('the reducer', () => {
  it('begins with an exec that was never started', () => {
    expect(initialState).toMatchObject({ state: 'created', pid: 0, announced: false, exit: undefined });
  });

  it('says by which fact a state was reached', () => {
    everyStep((step) => !changed(step) || step.to.state.via === step.fact.type);
  });
});
