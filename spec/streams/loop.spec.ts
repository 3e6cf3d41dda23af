import { describe, expect, it } from '@jest/globals';
import { concat, config, EMPTY, NEVER, Observable, of, Subject, timer, type Unsubscribable } from 'rxjs';
import { map } from 'rxjs/operators';
import { Direct, type DirectObserver } from '../../src/operators/direct.js';
import { type Effect, Loop, type Machine } from '../../src/streams/loop.js';
import { inMarbles } from '../support/marbles.js';

/** A door: `knock` opens it, `shut` shuts it, `lock` locks it for ever; every other fact means nothing. */
type State = { readonly door: 'shut' | 'open' | 'locked'; readonly knocks: number };
type Fact = 'knock' | 'shut' | 'lock' | 'nothing';
type Name = 'hold' | 'watch' | 'alarm';
type Scope = 'open' | 'unlocked' | 'detached';
interface Ports {
  readonly log: string[];
}

const reduce = (state: State, fact: Fact): State => {
  if (state.door === 'locked' || fact === 'nothing') return state;
  if (fact === 'knock') return { door: 'open', knocks: state.knocks + 1 };
  return { ...state, door: fact === 'shut' ? 'shut' : 'locked' };
};

/** Notes its subscription and its end, and emits what it is given to. */
const effect =
  (name: string, facts$: Observable<Fact> = NEVER): Effect<Ports, State, Fact> =>
  ({ log }, { door }) =>
    new Observable((listener) => {
      log.push(`${name} begins, ${door}`);
      const inner = facts$.subscribe(listener);
      return () => {
        inner.unsubscribe();
        log.push(`${name} ends`);
      };
    });

const machineOf = (
  more: Partial<Machine<Ports, State, Fact, Name, Scope>> = {},
): Machine<Ports, State, Fact, Name, Scope> => ({
  reduce,
  effectsOf: (_from, fact) => (fact === 'knock' ? ['hold', 'watch', 'alarm'] : []),
  effects: { hold: effect('hold'), watch: effect('watch'), alarm: effect('alarm') },
  rules: {
    hold: { scope: 'open' },
    watch: { scope: 'unlocked', whileRunning: 'ignore' },
    alarm: { scope: 'detached' },
  },
  leaves: (scope, from, to) =>
    scope === 'open' ? from.door !== to.door : scope === 'unlocked' && to.door === 'locked',
  ...more,
});

const initial: State = { door: 'shut', knocks: 0 };

const loopOf = (more?: Partial<Machine<Ports, State, Fact, Name, Scope>>) => {
  const log: string[] = [];
  const loop = new Loop(machineOf(more), { log }, initial);
  loop.changes$.subscribe(({ door, knocks }) => log.push(`${door} ${knocks}`));
  return { loop, log };
};

describe('the loop', () => {
  it('publishes a new state before it subscribes to the effects of that state', () => {
    const { loop, log } = loopOf();
    loop.post('knock');
    expect(log).toEqual(['open 1', 'hold begins, open', 'watch begins, open', 'alarm begins, open']);
    expect(loop.state).toEqual({ door: 'open', knocks: 1 });
  });

  it('does nothing for a fact that leaves the state the very same', () => {
    const { loop, log } = loopOf({ effectsOf: () => ['hold'] });
    loop.post('nothing');
    expect(log).toEqual([]);
    expect(loop.state).toBe(initial);
  });

  it('unsubscribes an effect when a step leaves its scope, and leaves a detached one alone', () => {
    const { loop, log } = loopOf();
    loop.post('knock');
    log.length = 0;
    loop.post('shut');
    expect(log).toEqual(['hold ends', 'shut 1']);
    loop.post('lock');
    expect(log).toEqual(['hold ends', 'shut 1', 'watch ends', 'locked 1']);
  });

  it('restarts a running effect that a step asks for again, or ignores the step where the rule says so', () => {
    const { loop, log } = loopOf();
    loop.post('knock');
    log.length = 0;
    loop.post('knock');
    expect(log).toEqual(['open 2', 'hold ends', 'hold begins, open', 'alarm ends', 'alarm begins, open']);
  });

  it('starts an effect anew that has ended by itself, also where the rule is to ignore', () => {
    const { loop, log } = loopOf({
      effectsOf: () => ['watch'],
      effects: { hold: effect('hold'), watch: effect('watch', EMPTY), alarm: effect('alarm') },
    });
    loop.post('knock');
    loop.post('knock');
    expect(log.filter((line) => line === 'watch begins, open')).toHaveLength(2);
  });

  it('delivers the facts of an effect, also those emitted while it is being subscribed to', () => {
    const { loop, log } = loopOf({
      effects: {
        hold: effect('hold', concat(of<Fact>('shut'), NEVER)),
        watch: effect('watch'),
        alarm: effect('alarm'),
      },
    });
    loop.post('knock');
    expect(log).toEqual([
      'open 1',
      'hold begins, open',
      'watch begins, open',
      'alarm begins, open',
      'hold ends',
      'shut 1',
    ]);
  });

  it('finishes one delivery before it begins the next: every subscriber sees the states in their order', () => {
    const { loop } = loopOf();
    const seen: string[] = [];
    loop.changes$.subscribe(({ door }) => {
      seen.push(`first: ${door}`);
      if (door === 'open') loop.post('lock');
    });
    loop.changes$.subscribe(({ door }) => seen.push(`second: ${door}`));
    loop.post('knock');
    expect(seen).toEqual(['first: open', 'second: open', 'first: locked', 'second: locked']);
  });

  it('does not deepen the stack when each delivery posts the next fact', () => {
    const { loop } = loopOf({ effectsOf: () => [] });
    loop.changes$.subscribe(({ knocks }) => {
      if (knocks < 20_000) loop.post('knock');
    });
    loop.post('knock');
    expect(loop.state.knocks).toBe(20_000);
  });

  it('begins effects that no fact has asked for, and their facts lead on', () => {
    const { loop, log } = loopOf({
      effects: {
        hold: effect('hold', of('lock')),
        watch: effect('watch', of('knock')),
        alarm: effect('alarm'),
      },
      effectsOf: () => [],
    });
    loop.begin(['watch']);
    expect(loop.state.door).toBe('open');
    loop.begin(['hold']);
    expect(loop.state.door).toBe('locked');
    expect(log).toEqual([
      'watch begins, shut',
      'watch ends',
      'open 1',
      'hold begins, open',
      'hold ends',
      'locked 1',
    ]);
  });

  it('runs what a command brings about within a scope', () => {
    const { loop, log } = loopOf();
    const knocks$ = new Subject<Fact>();
    loop.run(knocks$, 'unlocked');
    knocks$.next('knock');
    expect(log[0]).toBe('open 1');
    loop.post('lock');
    expect(knocks$.observed).toBe(false);
  });

  it('reports an effect that errors as unhandled, and goes on', async () => {
    const reported = new Promise((resolve) => (config.onUnhandledError = resolve));
    const boom = new Error('boom');
    const { loop } = loopOf({
      effects: {
        hold: () => new Observable((listener) => listener.error(boom)),
        watch: effect('watch', of('lock')),
        alarm: effect('alarm'),
      },
    });
    loop.post('knock');
    expect(await reported).toBe(boom);
    config.onUnhandledError = null;
    expect(loop.state.door).toBe('locked');
  });

  describe('with an effect that it connects to directly', () => {
    class Effected extends Direct<Fact> {
      observer: DirectObserver<Fact> | undefined;
      readonly #log: string[];
      readonly #begin: (observer: DirectObserver<Fact>) => void;

      constructor(log: string[], begin: (observer: DirectObserver<Fact>) => void = () => undefined) {
        super();
        this.#log = log;
        this.#begin = begin;
      }

      connect(observer: DirectObserver<Fact>): Unsubscribable {
        this.observer = observer;
        this.#begin(observer);
        return { unsubscribe: () => this.#log.push('left') };
      }
    }

    it('leaves it when a step leaves its scope, and takes no more facts from it', () => {
      const { loop, log } = loopOf();
      const effected = new Effected(log);
      loop.run(effected, 'unlocked');
      loop.post('lock');
      effected.observer?.next('knock');
      effected.observer?.complete();
      expect(log).toEqual(['left', 'locked 0']);
    });

    it('leaves it once where it ends while it is being connected', () => {
      const { loop, log } = loopOf();
      loop.run(new Effected(log, (observer) => observer.complete()), 'unlocked');
      loop.post('lock');
      expect(log).toEqual(['left', 'locked 0']);
    });

    it.each([
      ['throws while it is being connected', () => new Error('no')],
      ['errors', () => undefined],
    ])('reports one that %s as unhandled, and goes on', async (_, thrown) => {
      const { loop, log } = loopOf();
      const errors: unknown[] = [];
      config.onUnhandledError = (error) => errors.push(error);
      const effected = new Effected(log, () => {
        const error = thrown();
        if (error) throw error;
      });
      loop.run(effected, 'unlocked');
      effected.observer?.error(new Error('no'));
      await new Promise((resolve) => setTimeout(resolve, 0));
      config.onUnhandledError = null;
      expect(errors).toEqual([new Error('no')]);
      loop.post('lock');
      expect(log.at(-1)).toBe('locked 0');
    });

    it('reports a reducer that throws as unhandled, without harm to the source of the fact', async () => {
      const { loop, log } = loopOf({
        reduce: () => {
          throw new Error('no');
        },
      });
      const errors: unknown[] = [];
      config.onUnhandledError = (error) => errors.push(error);
      const effected = new Effected(log);
      loop.run(effected, 'detached');
      expect(() => effected.observer?.next('knock')).not.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 0));
      config.onUnhandledError = null;
      expect(errors).toEqual([new Error('no')]);
    });
  });

  it('runs effects in virtual time', () => {
    inMarbles(({ scheduler, expectObservable }) => {
      const { loop } = loopOf({
        effects: {
          hold: () => timer(3, scheduler).pipe(map((): Fact => 'shut')),
          watch: () => timer(7, scheduler).pipe(map((): Fact => 'lock')),
          alarm: () => EMPTY,
        },
      });
      expectObservable(loop.changes$.pipe(map(({ door }) => door[0]))).toBe('o--s---l');
      loop.begin([]);
      scheduler.schedule(() => loop.post('knock'));
    });
  });
});
