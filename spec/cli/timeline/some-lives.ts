/** Facts and lives for the specs of the timeline, written as briefly as they are thought of. */

import type { Fact } from '../../../src/cli/timeline/facts.js';
import { asciiGlyphs, unicodeGlyphs } from '../../../src/cli/timeline/glyphs.js';
import { type Life, type Lives, live, noLives } from '../../../src/cli/timeline/lives.js';
import { plain } from '../../../src/cli/timeline/paint.js';
import { type ExecExit, type ExecState, type Phase, stateOf } from '../../../src/index.js';

export const unicode = { glyphs: unicodeGlyphs, paint: plain };
export const ascii = { glyphs: asciiGlyphs, paint: plain };

export const state = (exec: string, at: number, phase: Phase, more: Partial<ExecState> = {}): Fact => ({
  at,
  kind: 'state',
  exec,
  state: {
    state: stateOf[phase],
    phase,
    via: undefined,
    pid: phase === 'created' || phase === 'starting' ? 0 : 4242,
    announced: false,
    exit: undefined,
    ioErrors: [],
    truncated: false,
    unread: [],
    gaps: [],
    ...more,
  },
});

export const exited = (code: number): ExecExit => ({
  kind: 'exited',
  code,
  status: code,
  at: 0,
  forced: false,
});

export const signaled = (signal: number): ExecExit => ({
  kind: 'signaled',
  signal,
  status: 128 + signal,
  at: 0,
  forced: false,
});

/** When each milestone was reached, in milliseconds; what is left out was not. */
interface Times {
  readonly created: number;
  readonly running?: number;
  readonly resize?: number;
  readonly stop?: number;
  readonly exit?: number;
  readonly drained?: number;
  readonly released?: number;
}

export const facts = (exec: string, times: Times, exit = exited(0), truncated = false): readonly Fact[] => {
  const at = <K extends keyof Times>(key: K, make: (at: number) => Fact): Fact[] => {
    const time = times[key];
    return time === undefined ? [] : [make(time)];
  };
  return [
    ...at('created', (time) => state(exec, time, 'created')),
    ...at('running', (time) => state(exec, time, 'running')),
    ...at('resize', (time) => ({ at: time, kind: 'asked', exec, to: 'resize', what: '80x24' })),
    ...at('stop', (time) => ({ at: time, kind: 'asked', exec, to: 'stop', what: 'SIGTERM' })),
    ...at('exit', (time) => ({ at: time, kind: 'exit', exec, exit })),
    ...at('drained', (time) => ({ at: time, kind: 'drained', exec, truncated })),
    ...at('released', (time) => ({ at: time, kind: 'released', exec })),
  ];
};

export const livesOf = (...all: (readonly Fact[])[]): Lives => all.flat().reduce(live, noLives);

export const lifeOf = (all: readonly Fact[]): Life => livesOf(all)[0] as Life;
