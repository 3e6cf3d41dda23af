/** The lifecycle table of a task, seen whole: every state that it allows, and every fact in each of them. */
import { describe, expect, it } from '@jest/globals';
import {
  type EffectName,
  effectsToResume,
  everywhere,
  hasInit,
  isClosed,
  isDeleted,
  lifecycle,
  type Phase,
  scopes,
} from '../../../src/streams/task/state/lifecycle.js';
import { reduce } from '../../../src/streams/task/state/reduce.js';
import { initialState, type State } from '../../../src/streams/task/state/state.js';
import { type Step, walk } from './walk.js';

const { states, steps } = walk();
const phases = Object.keys(lifecycle) as Phase[];
const changes = steps.filter(({ from, to }) => from !== to);
const describeStep = ({ from, fact, to }: Step): string =>
  `${from.phase} ${from.announcement} + ${fact.type} -> ${to.phase} ${to.announcement}`;
const broken = (isWrong: (step: Step) => boolean): string[] => changes.filter(isWrong).map(describeStep);

describe('the lifecycle of a task', () => {
  it('reaches every phase, takes every edge and asks for every effect', () => {
    expect(new Set(states.map(({ phase }) => phase))).toEqual(new Set(phases));
    const taken = new Set(changes.map(({ from, fact, to }) => `${from.phase} ${fact.type} ${to.phase}`));
    for (const phase of phases)
      for (const [fact, edge] of Object.entries(lifecycle[phase])) {
        expect(taken).toContain(`${phase} ${fact} ${edge.to}`);
      }
    const asked = new Set<EffectName>(['open', ...changes.flatMap(({ effects }) => effects)]);
    expect(asked).toEqual(new Set(Object.keys(scopes)));
  });

  it('changes nothing by a fact that neither its phase nor the whole table lists', () => {
    const unlisted = steps.filter(
      ({ from, fact }) =>
        lifecycle[from.phase][fact.type] === undefined && everywhere[fact.type] === undefined,
    );
    expect(unlisted.length).toBeGreaterThan(1_000);
    expect(unlisted.every(({ from, to }) => from === to)).toBe(true);
  });

  it('leads from every state to an end', () => {
    const before = new Map<State['phase'], Set<State['phase']>>();
    for (const { from, to } of changes) {
      const those = before.get(to.phase) ?? new Set();
      before.set(to.phase, those.add(from.phase));
    }
    const leading = new Set<Phase>(['over', 'failed']);
    for (const phase of leading) for (const earlier of before.get(phase) ?? []) leading.add(earlier);
    expect(leading).toEqual(new Set(phases));
  });

  it('never leaves an end, and never goes back past the publication of the exit', () => {
    expect(broken(({ from, to }) => from.phase === 'over' && to.phase !== 'over')).toEqual([]);
    expect(broken(({ from, to }) => from.phase === 'failed' && to.phase !== 'failed')).toEqual([]);
    expect(broken(({ from, to }) => isClosed(from) && !isClosed(to))).toEqual([]);
    expect(broken(({ from, to }) => isDeleted(from) && !isDeleted(to))).toEqual([]);
    expect(broken(({ from, to }) => hasInit(from.phase) && !hasInit(to.phase))).toEqual([]);
  });

  it('decides once whether the create event is out', () => {
    expect(
      broken(({ from, to }) => from.announcement !== 'pending' && from.announcement !== to.announcement),
    ).toEqual([]);
  });

  it('is not closed before that is decided, and is discarded then if the event is not out', () => {
    expect(states.filter((state) => isClosed(state) && state.announcement === 'pending')).toEqual([]);
    expect(
      broken(
        ({ from, fact, to }) => from.phase === 'closed' && fact.type === 'discarded' && to.phase !== 'over',
      ),
    ).toEqual([]);
  });

  it('publishes a delete only after the container was removed', () => {
    const published = changes.filter(({ effects }) => effects.includes('publishDelete'));
    expect(new Set(published.map(({ from, fact }) => `${from.phase} ${fact.type}`))).toEqual(
      new Set(['removing removed']),
    );
  });

  it('records one deletion: that of the request which began it', () => {
    expect(
      broken(
        ({ from, to }) =>
          from.deletedBy !== undefined && to.deletedBy !== undefined && from.deletedBy !== to.deletedBy,
      ),
    ).toEqual([]);
    expect(states.filter((state) => state.phase === 'removing' && state.deletedBy === undefined)).toEqual([]);
  });

  it('has an effect that goes on in every state but those that wait for a command or are over', () => {
    const idle = states.filter((state) => effectsToResume(state).length === 0);
    expect(new Set(idle.map(({ phase }) => phase))).toEqual(new Set(['failed', 'over']));
    for (const { phase, survivorDeadline, initExited } of states)
      if (initExited) expect([phase, survivorDeadline]).toEqual([phase, undefined]);
  });

  it('holds a deadline only in the phases of the end that wait or follow a wait', () => {
    const waiting = new Set(
      states.filter(({ deadline }) => deadline !== undefined).map(({ phase }) => phase),
    );
    expect([...waiting].sort()).toEqual(
      [
        'awaitingExecs',
        'awaitingShutdown',
        'awaitingTermination',
        'awaitingTerminationAgain',
        'endingExecs',
        'removing',
        'terminating',
      ].sort(),
    );
  });

  it('has states that are plain data: written as JSON and read back, each goes on alike', () => {
    expect(states.length).toBeGreaterThan(500);
    // One in seven of the steps: all kinds are among them, and JSON is slow.
    for (const { from, fact, to } of steps.filter((_, at) => at % 7 === 0)) {
      const read = JSON.parse(JSON.stringify({ from, fact })) as { from: State; fact: Step['fact'] };
      // JSON has no undefined: an absent field and one that is undefined mean the same.
      expect(JSON.stringify(reduce({ ...initialState, ...read.from }, read.fact))).toBe(JSON.stringify(to));
    }
  });
});
