import { describe, expect, it } from '@jest/globals';
import { from } from 'rxjs';
import type { Screen } from '../../../src/cli/terminal/screen.js';
import { factLine } from '../../../src/cli/timeline/fact-line.js';
import { plain } from '../../../src/cli/timeline/paint.js';
import { writeLines } from '../../../src/cli/timeline/view.js';
import { exited, facts, signaled, state } from './some-lives.js';

const linesOf = (all: ReturnType<typeof facts>) => all.map((fact) => factLine(fact)).filter(Boolean);

describe('facts as lines', () => {
  it('report a life from its creation to its release', () => {
    const times = {
      created: 0.04,
      running: 12.34,
      stop: 999.99,
      exit: 1_234.6,
      drained: 61_000,
      released: 61_000,
    };
    expect(linesOf(facts('web', times, signaled(15), true))).toEqual([
      '    0.0ms  web       created',
      '   12.3ms  web       running   pid 4242',
      '   1.000s  web       stop      SIGTERM',
      '   1.235s  web       exit      143  ended by SIGTERM',
      '  1m01.0s  web       drained   truncated',
      '  1m01.0s  web       released',
    ]);
  });

  it('say when an exit was forced, and when it is unknown', () => {
    const exit = {
      kind: 'lost',
      reason: 'its end was not reported in time',
      status: 137,
      at: 0,
      forced: true,
    } as const;
    expect(
      linesOf([state('a', 1, 'running', { via: 'forceExit' }), { at: 2, kind: 'exit', exec: 'a', exit }]),
    ).toEqual([
      '    1.0ms  a         kill',
      '    2.0ms  a         exit      137  lost: its end was not reported in time (forced)',
    ]);
  });

  it('do not repeat what a milestone says', () => {
    const unprinted = ['announcing', 'aborting', 'draining', 'releasing', 'released'] as const;
    expect(linesOf(unprinted.map((phase) => state('a', 0, phase, { exit: exited(0) })))).toEqual([]);
  });

  it('are written once for a state that differs from the one before in nothing that they show', () => {
    const written: string[] = [];
    const screen = { write: (text: string) => written.push(text), paint: plain } as unknown as Screen;
    const again = { unread: ['stdout'] } as const;
    const all = [state('a', 0, 'starting'), state('b', 1, 'starting'), state('a', 2, 'starting', again)];
    writeLines(from([...all, state('a', 3, 'running')]), screen, 1);
    expect(written).toEqual([
      '    0.0ms  a  starting\n',
      '    1.0ms  b  starting\n',
      '    3.0ms  a  running   pid 4242\n',
    ]);
  });
});
