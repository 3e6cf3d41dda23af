/** The state of an exec is a function of its facts, and both are plain data. */
import { describe, expect, it } from '@jest/globals';
import type { Fact } from '../../../src/streams/exec/state/fact.js';
import { reduce } from '../../../src/streams/exec/state/reduce.js';
import { initialState, type State } from '../../../src/streams/exec/state/state.js';
import type { Logger } from '../../../src/streams/log.js';
import { generate } from '../../../tools/simulate/generate.js';
import { makeWorld } from '../../../tools/simulate/world.js';
import { play } from './harness.js';

interface Step {
  readonly fact: Fact;
  readonly state: State;
}

/** Keeps each fact of each exec with the state that it led to: what an exec logs at level trace. */
const keepingFacts = () => {
  const lives = new Map<string, Step[]>();
  const nothing = (): void => undefined;
  const bound = (life: Step[]): Logger =>
    ({
      trace: (step: Step) => void life.push(step),
      debug: nothing,
      info: nothing,
      warn: nothing,
      error: nothing,
      isLevelEnabled: () => true,
      child: ({ eid }: { readonly eid: string }) => {
        const own: Step[] = [];
        lives.set(eid, own);
        return bound(own);
      },
    }) as unknown as Logger;
  return { log: bound([]), lives };
};

describe('the facts of a simulated life, written down and replayed', () => {
  it('give the same states, one after another', () => {
    let replayed = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const { log, lives } = keepingFacts();
      makeWorld(generate(seed), log).run();
      for (const [exec, life] of lives) {
        let state = startOf(life);
        for (const step of life) {
          const written = JSON.stringify(step.fact);
          state = reduce(state, JSON.parse(written) as Fact);
          // As text: `toEqual` for ten thousand states takes a minute.
          const [seen, expected] = [state, step.state].map((one) => JSON.stringify(one));
          if (seen !== expected)
            expect({ seed, exec, written, seen }).toEqual({ seed, exec, written, seen: expected });
          replayed += 1;
        }
      }
    }
    expect(replayed).toBeGreaterThan(1_000);
  });
});

/** The state that a life began in: that of an init with a process has its pid and tree from the beginning. */
const startOf = (life: readonly Step[]): State => {
  const [first] = life;
  if (first === undefined || first.fact.type === 'launched') return initialState;
  const { pid, tree } = first.state;
  return pid === 0 ? initialState : { ...initialState, pid, tree: tree === 'none' ? 'none' : 'unawaited' };
};

describe('an exec', () => {
  it('logs each fact, with the state that it leads to, at level trace', () => {
    const { log, lives } = keepingFacts();
    play({ more: { log } }, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(3);
    });
    expect(lives.get('e')?.map(({ fact, state }) => `${fact.type} → ${state.phase}`)).toEqual([
      'start → starting',
      'launched → announcing',
      'announced → running',
      'processExited → draining',
      'drained → releasing',
      'released → released',
    ]);
  });
});
