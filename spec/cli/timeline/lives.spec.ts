import { describe, expect, it } from '@jest/globals';
import { timeOf } from '../../../src/cli/timeline/lives.js';
import { exited, facts, lifeOf, livesOf, state } from './some-lives.js';

describe('lives', () => {
  it('come in the order in which they were first heard of', () => {
    const [b, a] = livesOf([state('b', 0, 'created'), state('a', 1, 'created'), state('b', 2, 'running')]);
    expect([b?.exec, a?.exec]).toEqual(['b', 'a']);
  });

  it('know the process, how it ended and whether output was cut', () => {
    const life = lifeOf(
      facts('a', { created: 0, running: 1, exit: 2, drained: 3, released: 4 }, exited(3), true),
    );
    expect(life).toMatchObject({ pid: 4242, exit: { status: 3 }, truncated: true });
    expect(timeOf(life, 'drained')).toBe(3);
    expect(timeOf(life, 'asked')).toBeUndefined();
  });

  it('have a mark where the grace period of a stop ends', () => {
    const life = lifeOf([
      ...facts('a', { created: 0, running: 1, stop: 5 }),
      state('a', 9, 'running', { via: 'forceExit' }),
    ]);
    expect(life.marks.map(({ kind, at }) => `${kind} ${at}`)).toEqual([
      'created 0',
      'running 1',
      'asked 5',
      'asked 9',
    ]);
  });

  it('are not changed by events, which say nothing that states do not', () => {
    const lives = livesOf(facts('a', { created: 0 }));
    const event = { type: 'TaskOOM', topic: '/tasks/oom', containerId: 'a' } as const;
    expect(livesOf(facts('a', { created: 0 }), [{ at: 1, kind: 'event', event }])).toEqual(lives);
  });
});
