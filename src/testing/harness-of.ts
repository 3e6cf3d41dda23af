/**
 * Creates the context of a test: records its expectations and follows the execs they are about.
 */
import type { VirtualTimeScheduler } from 'rxjs';
import { invalid } from '../hcs/failures/errors.js';
import { requireMethods } from '../hcs/simulated/check.js';
import { exact } from '../hcs/simulated/script.js';
import { simulatedSystem } from '../hcs/simulated/simulated-system.js';
import type { Exec } from '../streams/exec/interface.js';
import type { Expectations } from './expect/expectations.js';
import { requireLines, sameLines } from './expect/lines.js';
import { readLife, readValues, sameLife, sameLives } from './expect/lives.js';
import { compareEmissions, emissionsOf, type ObservableValues, parseEmissions } from './expect/observable.js';
import type { VirtualHarness } from './harness.js';
import { eventLine } from './marbles/event-line.js';
import { type Life, lifeOf } from './marbles/life.js';

export interface Harness extends VirtualHarness {
  /** The execs with an expectation. */
  readonly followed: readonly Life[];
}

export const harnessOf = (scheduler: VirtualTimeScheduler, { expect }: Expectations): Harness => {
  const followed: Life[] = [];
  const now = (): number => exact(scheduler.now());
  const follow = (exec: Exec): Life => {
    const life = lifeOf(exec, now);
    followed.push(life);
    return life;
  };

  const harness: Harness = {
    followed,
    scheduler,
    now,
    sleep: (ms) => {
      requireTime('sleep', ms, 0);
      return new Promise((resolve) => void scheduler.schedule(() => resolve(), ms));
    },
    at: (ms, act) => {
      requireTime('at', ms, now());
      if (typeof act !== 'function') throw invalid('at', act, 'something to do');
      scheduler.schedule(act, ms - now());
    },
    system: (options = {}) => {
      if (typeof options !== 'object' || options === null) throw invalid('options', options, 'an object');
      return simulatedSystem({ ...options, scheduler });
    },
    expectLife: (exec) => {
      requireStream('exec', exec, 'state$', 'an exec');
      const life = follow(exec);
      return expect(`expectLife('${exec.id}')`, harness.expectLife, (marbles, given) => {
        const values = readValues(given);
        const expected = readLife(marbles, values, 'life');
        return () => sameLife(exec.id, expected, life.moments, values);
      });
    },
    expectLives: (task) => {
      requireStream('task', task, 'execs$', 'a task');
      const lives = new Map<string, Life>();
      const counts = new Map<string, number>();
      task.execs$.subscribe((exec) => {
        const count = (counts.get(exec.id) ?? 0) + 1;
        counts.set(exec.id, count);
        lives.set(count === 1 ? exec.id : `${exec.id}#${count}`, follow(exec));
      });
      return expect(`expectLives('${task.id}')`, harness.expectLives, (given, givenValues) => {
        if (typeof given !== 'object' || given === null) throw invalid('lives', given, 'lives by ids');
        const values = readValues(givenValues);
        const expected = new Map(
          Object.entries(given).map(([id, marbles]) => [id, readLife(marbles, values, id)] as const),
        );
        return () => {
          const actual = new Map([...lives].map(([id, { moments }]) => [id, moments] as const));
          return sameLives(expected, actual, values);
        };
      });
    },
    expectEvents: (source) => {
      requireStream('source', source, 'events$', 'a task or an exec');
      const lines: string[] = [];
      source.events$.subscribe((event) => lines.push(`${now()} ms ${eventLine(event)}`));
      return expect('expectEvents', harness.expectEvents, (expected) => {
        requireLines(expected);
        return () => sameLines('other events were published', expected, lines);
      });
    },
    expectAsked: (system) => {
      if (!Array.isArray(system?.asked)) throw invalid('system', system, 'a simulated system');
      return expect('expectAsked', harness.expectAsked, (expected) => {
        requireLines(expected);
        return () => {
          const lines = system.asked.map(({ at, what }) => `${at} ms ${what}`);
          return sameLines('the system received other calls', expected, lines);
        };
      });
    },
    expectObservable: (source$) => {
      requireMethods('source$', source$, 'an Observable', 'subscribe');
      const emissions = emissionsOf(source$, now);
      return expect('expectObservable', harness.expectObservable, (...given) => {
        const [marbles, values] = given;
        if (typeof (values ?? {}) !== 'object') throw invalid('values', values, 'values by letter');
        const all: ObservableValues = given.length > 2 ? { ...values, '#': given[2] } : (values ?? {});
        const expected = parseEmissions(marbles, all);
        return () => compareEmissions(expected, emissions, all);
      });
    },
  };
  return harness;
};

const requireStream = (field: string, value: unknown, stream: string, what: string): void => {
  const { [stream]: given } = (value ?? {}) as Record<string, unknown>;
  if (typeof (given as { subscribe?: unknown } | undefined)?.subscribe !== 'function')
    throw invalid(field, value, what);
};

const requireTime = (field: string, ms: number, least: number): void => {
  if (!Number.isFinite(ms) || ms < least) throw invalid(field, ms, `milliseconds, from ${least}`);
};
