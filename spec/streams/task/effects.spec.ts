/** Each effect of a task alone: which facts it emits, when, and that it calls nothing before it is subscribed to. */
import { describe, expect, it } from '@jest/globals';
import { EMPTY, map, NEVER, of, throwError, timer } from 'rxjs';
import { machine } from '../../../src/streams/task/machine.js';
import type { Fact } from '../../../src/streams/task/state/fact.js';
import type { EffectName } from '../../../src/streams/task/state/lifecycle.js';
import { initialState, type State } from '../../../src/streams/task/state/state.js';
import { inMarbles } from '../../support/marbles.js';
import { effectPorts, type Fakes } from './effect-ports.js';

const no = new Error('no');
const fails = () => throwError(() => no);
const after = (ms: number) => () => timerOf(ms);
let timerOf: (ms: number) => ReturnType<typeof timer>;
const gone = { exit$: of({ reason: 'ended' as const }) };
const lives = { exit$: NEVER };
const deadline = (now: number): number => now + 30_000;

interface Case {
  readonly effect: EffectName;
  readonly name: string;
  readonly fakes?: Fakes | (() => Fakes);
  readonly state?: Partial<State>;
  readonly marbles: string;
  readonly values?: Readonly<Record<string, Fact>>;
  readonly calls: readonly string[];
}

const errorOf = (message: string) => expect.objectContaining({ message }) as never;

const cases: readonly Case[] = [
  { effect: 'open', name: 'opens stdio', marbles: '(a|)', values: { a: { type: 'opened' } }, calls: [] },
  {
    effect: 'create',
    name: 'has nothing to create where the start does that',
    marbles: '(a|)',
    values: { a: { type: 'created' } },
    calls: [],
  },
  {
    effect: 'create',
    name: 'takes as long as the system does',
    fakes: () => ({ system: { create: () => mapped(60_000, { pid: 9 }) as never } }),
    marbles: '60s (a|)',
    values: { a: { type: 'created' } },
    calls: ['container.create'],
  },
  {
    effect: 'create',
    name: 'reports a failure',
    fakes: { system: { create: fails } },
    marbles: '(a|)',
    values: { a: { type: 'createFailed', error: errorOf('no') } },
    calls: ['container.create'],
  },
  {
    effect: 'create',
    name: 'reports a system that makes nothing and gives no error',
    fakes: { system: { create: () => EMPTY } },
    marbles: '(a|)',
    values: {
      a: {
        type: 'createFailed',
        error: errorOf('the system made no container and gave no error: unknown'),
      },
    },
    calls: ['container.create'],
  },
  { effect: 'closeUpstream', name: 'closes it', marbles: '|', calls: ['upstream.close'] },
  {
    effect: 'closeUpstream',
    name: 'waits no longer than its timeout',
    fakes: { upstream: { close: () => NEVER } },
    marbles: '15s |',
    calls: ['upstream.close'],
  },
  {
    effect: 'discard',
    name: 'terminates, closes and removes what came too late',
    fakes: { system: { ...gone, delete: () => EMPTY } },
    marbles: '(a|)',
    values: { a: { type: 'discarded' } },
    calls: ['container.close', 'container.delete', 'upstream.close'],
  },
  {
    effect: 'discard',
    name: 'is done although the container neither ends nor can be removed',
    fakes: { system: { ...lives, delete: fails } },
    marbles: '30s (a|)',
    values: { a: { type: 'discarded' } },
    calls: ['container.terminate', 'container.close', 'container.delete', 'upstream.close'],
  },
  {
    effect: 'watchInit',
    name: 'reports the exit and then the release',
    fakes: () => ({ init: { exit$: after(5)() as never, released$: after(9)() as never } }),
    marbles: '5ms a 3ms (b|)',
    values: { a: { type: 'initExited' }, b: { type: 'initReleased' } },
    calls: [],
  },
  {
    effect: 'announce',
    name: 'publishes the create event',
    marbles: '(a|)',
    values: { a: { type: 'announced' } },
    calls: ['t.status', 'publish TaskCreate'],
  },
  {
    effect: 'announce',
    name: 'reports that the event could not be published',
    fakes: { publish: fails },
    marbles: '(a|)',
    values: { a: { type: 'announceFailed', error: errorOf('no') } },
    calls: ['t.status', 'publish TaskCreate'],
  },
  {
    effect: 'endInit',
    name: 'forces its exit, whatever that answers',
    fakes: { init: { forceExit: fails as never } },
    marbles: '|',
    calls: ['t.forceExit'],
  },
  {
    effect: 'shutDown',
    name: 'requests it, with a deadline for the end',
    fakes: () => ({ system: { ...lives, shutdown: after(2_000) } }),
    marbles: '2s (a|)',
    values: { a: { type: 'requested', deadline: deadline(2_000) } },
    calls: ['container.shutdown'],
  },
  {
    effect: 'shutDown',
    name: 'waits no longer than its timeout for the answer, and then not for its effect',
    fakes: { system: { ...lives, shutdown: () => NEVER } },
    marbles: '15s (a|)',
    values: { a: { type: 'requested', deadline: 15_000 } },
    calls: ['container.shutdown'],
  },
  {
    effect: 'shutDown',
    name: 'requests nothing of a container that is gone',
    fakes: { system: gone },
    marbles: '(a|)',
    values: { a: { type: 'containerGone', deadline: deadline(0) } },
    calls: [],
  },
  {
    effect: 'terminate',
    name: 'counts a request that fails as made',
    fakes: { system: { ...lives, terminate: fails } },
    marbles: '(a|)',
    values: { a: { type: 'requested', deadline: deadline(0) } },
    calls: ['container.terminate'],
  },
  {
    effect: 'terminateLeftover',
    name: 'has nothing to do where the system removes nothing',
    fakes: { system: { ...lives, delete: undefined as never } },
    marbles: '(a|)',
    values: { a: { type: 'containerGone', deadline: deadline(0) } },
    calls: [],
  },
  {
    effect: 'terminateLeftover',
    name: 'terminates a container that still runs before it is removed',
    fakes: { system: { ...lives, delete: () => EMPTY } },
    marbles: '(a|)',
    values: { a: { type: 'requested', deadline: deadline(0) } },
    calls: ['container.terminate'],
  },
  {
    effect: 'awaitGone',
    name: 'reports the end',
    fakes: () => ({ system: { exit$: mapped(7, { reason: 'ended' as const }) as never } }),
    state: { deadline: 30 },
    marbles: '7ms (a|)',
    values: { a: { type: 'containerGone', deadline: deadline(7) } },
    calls: [],
  },
  {
    effect: 'awaitGone',
    name: 'reports a deadline that has passed, and sets the next',
    fakes: { system: lives },
    state: { deadline: 30 },
    marbles: '30ms (a|)',
    values: { a: { type: 'timedOut', deadline: deadline(30) } },
    calls: [],
  },
  {
    effect: 'awaitGone',
    name: 'reports at once a deadline that passed before the state was restored',
    fakes: { system: lives },
    state: { deadline: -5 },
    marbles: '(a|)',
    values: { a: { type: 'timedOut', deadline: deadline(0) } },
    calls: [],
  },
  {
    effect: 'awaitExecs',
    name: 'waits for all of them',
    fakes: () => ({ execs: [{ released$: after(3)() as never }, { released$: after(8)() as never }] }),
    state: { deadline: 30 },
    marbles: '8ms (a|)',
    values: { a: { type: 'execsReleased' } },
    calls: [],
  },
  {
    effect: 'awaitExecs',
    name: 'waits until the deadline',
    fakes: { execs: [{ released$: NEVER }] },
    state: { deadline: 30 },
    marbles: '30ms (a|)',
    values: { a: { type: 'timedOut', deadline: deadline(30) } },
    calls: [],
  },
  {
    effect: 'endExecs',
    name: 'forces the exit of those that have not exited, and waits for all',
    fakes: () => ({
      execs: [{ state: 'exited', released$: after(4)() as never }, { released$: after(6)() as never }],
    }),
    marbles: '6ms (a|)',
    values: { a: { type: 'execsReleased' } },
    calls: ['e1.forceExit'],
  },
  {
    effect: 'closeContainer',
    name: 'closes it, within its timeout',
    fakes: { system: { close: () => NEVER } },
    marbles: '15s (a|)',
    values: { a: { type: 'containerClosed' } },
    calls: ['container.close'],
  },
  {
    effect: 'publishExit',
    name: 'waits while it is not known whether the create event is out',
    state: { announcement: 'pending' },
    marbles: '|',
    calls: [],
  },
  {
    effect: 'publishExit',
    name: 'publishes nothing of a task whose create event is not out',
    state: { announcement: 'failed' },
    marbles: '(a|)',
    values: { a: { type: 'exitPublished' } },
    calls: [],
  },
  {
    effect: 'publishExit',
    name: 'publishes it, within its timeout',
    fakes: { publish: () => NEVER },
    state: { announcement: 'published' },
    marbles: '5s (a|)',
    values: { a: { type: 'exitPublished' } },
    calls: ['t.status', 'publish TaskExit'],
  },
  {
    effect: 'discardUnannounced',
    name: 'leaves alone a task that has a user',
    fakes: { system: { delete: () => EMPTY } },
    state: { announcement: 'published' },
    marbles: '|',
    calls: [],
  },
  {
    effect: 'discardUnannounced',
    name: 'removes the container of a task that has none, whatever that answers',
    fakes: { system: { delete: fails } },
    state: { announcement: 'failed' },
    marbles: '(a|)',
    values: { a: { type: 'discarded' } },
    calls: ['container.delete'],
  },
  {
    effect: 'remove',
    name: 'reports that nothing is left',
    fakes: { system: { delete: () => EMPTY } },
    marbles: '(a|)',
    values: { a: { type: 'removed' } },
    calls: ['container.delete'],
  },
  {
    effect: 'remove',
    name: 'reports a failure',
    fakes: { system: { delete: fails } },
    marbles: '(a|)',
    values: { a: { type: 'removalFailed', error: errorOf('no') } },
    calls: ['container.delete'],
  },
  {
    effect: 'remove',
    name: 'reports a removal that takes too long',
    fakes: { system: { delete: () => NEVER } },
    marbles: '30s (a|)',
    values: {
      a: { type: 'removalFailed', error: errorOf('removing the container took too long: unavailable') },
    },
    calls: ['container.delete'],
  },
  {
    effect: 'publishDelete',
    name: 'publishes the last event and ends the events, also when that fails',
    fakes: { publish: fails },
    marbles: '(a|)',
    values: { a: { type: 'deletePublished' } },
    calls: ['t.status', 'publish TaskDelete', 'events end'],
  },
  {
    effect: 'awaitSurvivor',
    name: 'terminates the container at the deadline',
    state: { survivorDeadline: 30 },
    marbles: '30ms (a|)',
    values: { a: { type: 'survivorTerminated' } },
    calls: ['container.terminate'],
  },
];

/** Emits the value after so many milliseconds, and completes. */
function mapped<T>(ms: number, value: T) {
  return timerOf(ms).pipe(map(() => value));
}

describe.each(cases.map((one) => [one.effect, one.name, one] as const))('the effect %s', (_, name, one) => {
  it(name, () => {
    const calls = inMarbles(({ scheduler, expectObservable, flush }) => {
      timerOf = (ms) => timer(ms, scheduler);
      const fakes = typeof one.fakes === 'function' ? one.fakes() : one.fakes;
      const made = effectPorts(scheduler, fakes);
      const fact$ = machine.effects[one.effect](made.ports, { ...initialState, ...one.state });
      expectObservable(fact$).toBe(one.marbles, one.values);
      flush();
      return made.calls;
    });
    expect(calls).toEqual(one.calls);
  });
});

it('Each effect has a spec, and calls nothing before it is subscribed to', () => {
  expect(new Set(cases.map(({ effect }) => effect))).toEqual(new Set(Object.keys(machine.effects)));
  inMarbles(({ scheduler }) => {
    timerOf = (ms) => timer(ms, scheduler);
    for (const { effect, fakes, state } of cases) {
      const made = effectPorts(scheduler, typeof fakes === 'function' ? fakes() : fakes);
      machine.effects[effect](made.ports, { ...initialState, ...state });
      expect([effect, made.calls]).toEqual([effect, []]);
    }
  });
});
