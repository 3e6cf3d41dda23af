import { describe, expect, it } from '@jest/globals';
import { factJson } from '../../../src/cli/timeline/fact-json.js';
import type { Fact } from '../../../src/cli/timeline/facts.js';
import { signaled, state } from './some-lives.js';

const origin = Date.UTC(2026, 0, 1);
const parsed = (fact: Fact) => JSON.parse(factJson(fact, 'web', origin));
const common = { time: '2026-01-01T00:00:01.500Z', at: 1500.123, task: 'web' };
const at = 1_500.123_4;

describe('facts as JSON', () => {
  it('report a transition with the fact that led there', () => {
    expect(parsed(state('web', at, 'running', { via: 'announced' }))).toEqual({
      ...common,
      fact: 'state',
      exec: 'web',
      state: 'running',
      phase: 'running',
      via: 'announced',
      pid: 4242,
    });
  });

  it('report an exit and how it came about', () => {
    expect(parsed({ at, kind: 'exit', exec: 'web', exit: signaled(9) })).toEqual({
      ...common,
      fact: 'exit',
      exec: 'web',
      kind: 'signaled',
      signal: 9,
      status: 137,
      forced: false,
    });
  });

  it('report why a start failed in words', () => {
    const exit = {
      kind: 'startFailed',
      error: new Error('no such thing'),
      status: 127,
      at: 0,
      forced: false,
    } as const;
    expect(parsed({ at, kind: 'exit', exec: 'web', exit })).toMatchObject({
      error: 'no such thing',
      status: 127,
    });
  });

  it('report an event with its topic and fields', () => {
    const event = { type: 'TaskStart', topic: '/tasks/start', containerId: 'web', pid: 7 } as const;
    expect(parsed({ at, kind: 'event', event })).toEqual({ ...common, fact: 'event', ...event });
  });

  it('are one line, whatever is in them', () => {
    const exit = { kind: 'lost', reason: 'a\nb', status: 255, at: 0, forced: false } as const;
    expect(factJson({ at, kind: 'exit', exec: 'web', exit }, 'web', origin)).not.toContain('\n');
  });
});
