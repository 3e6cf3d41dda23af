/**
 * An engine, upstream, relay or publisher that misbehaves in every way there is, in every call and stream that an exec
 * asks of it. Whatever they do: nothing goes unhandled, there is one exit, it is published once and after the start, the
 * exec is released within the sum of its bounds, and everybody who waits gets an answer.
 */
import { describe, expect, it } from '@jest/globals';
import { concat, EMPTY, merge, NEVER, Observable, of, throwError } from 'rxjs';
import { inMarbles } from '../../support/marbles.js';
import { type Harness, logOf, makeHarness, type Reply, type Script, slow } from './harness.js';

const policies = { exitTimeout: 50, publishTimeout: 60, closeTimeout: 70, drain: { cap: 40 } };
/** By when the exit is forced at the latest, in the life below. */
const forcedAt = 40;
/** Undoing a start: publishing it, ending and closing the container. Ending: reporting, draining, closing, publishing. */
const bound =
  forcedAt +
  policies.publishTimeout +
  2 * policies.closeTimeout +
  policies.exitTimeout +
  policies.drain.cap +
  2 * policies.closeTimeout +
  policies.publishTimeout;

const error = new Error('engine');
const faults: Record<string, Reply> = {
  throws: () => {
    throw error;
  },
  'throws when subscribed to': () =>
    new Observable(() => {
      throw error;
    }),
  fails: () => throwError(() => error),
  'completes without doing anything': () => EMPTY,
  'answers twice': (normal) => merge(normal, normal),
  'answers and then fails': (normal) =>
    concat(
      normal,
      throwError(() => error),
    ),
  'answers with nonsense': () => of(null),
  'is no Observable': () => undefined as never,
  'never answers': () => NEVER,
  'answers but never ends': (normal) => concat(normal, NEVER),
  'answers after its timeout': slow(1_000),
};

/** A life in which every call is made: started, signalled, resized, its input closed, ended, and forced to end. */
const live = (harness: Harness, answers: Map<string, string>): void => {
  const { exec, at, system } = harness;
  const perform = (name: string, command: Observable<unknown>): void => {
    answers.set(name, 'unanswered');
    command.subscribe({
      error: (why) => answers.set(name, `failed: ${String(why)}`),
      complete: () => answers.set(name, 'done'),
    });
  };
  perform('wait', exec.wait());
  perform('start', exec.start());
  at(5, () => perform('resize', exec.resizePty({ width: 80, height: 25 })));
  at(6, () => perform('signal', exec.kill(15)));
  at(7, () => perform('closeIo', exec.closeIo()));
  at(20, () => system.processes[0]?.exit(0));
  at(25, harness.through);
  at(forcedAt, () => perform('forceExit', exec.forceExit(7)));
  at(41, () => perform('late signal', exec.kill(9)));
  at(42, () => perform('stop', exec.stop({ grace: 5 })));
  at(bound, () => perform('late wait', exec.wait()));
};

const guaranteesHold = (script: Script, fault?: string): void => {
  inMarbles(({ scheduler, flush }) => {
    const harness = makeHarness({ terminal: true, stdio: ['stdout'], policies, ...script }, scheduler);
    const answers = new Map<string, string>();
    const states: string[] = [];
    let left: readonly string[] | undefined;
    harness.exec.state$.subscribe({
      next: ({ state }) => states.push(state),
      complete: () => states.push('|'),
    });
    live(harness, answers);
    // What answers late is the engine's own business; everything else is gone by then.
    harness.at(bound + policies.closeTimeout, () => {
      left = fault === 'answers after its timeout' ? [] : harness.leftovers();
    });
    flush();

    const lines = (what: string) => harness.log.filter((line) => line.includes(what));
    const log = harness.log.join('\n');
    expect({ log, exits: lines(' exit$ ').length, releases: lines(' released$').length }).toEqual({
      log,
      exits: 1,
      releases: 1,
    });
    const released = harness.log.findIndex((line) => line.endsWith(' released$'));
    expect(Number.parseInt(harness.log[released] ?? '', 10)).toBeLessThanOrEqual(bound);
    // A process that an engine delivers too late is still seen to its end, and closing the input is never refused.
    const seenTo = harness.log
      .slice(released + 1)
      .filter((line) => !/ process\.(kill|close)$| upstream\.closeStdin$/.test(line));
    expect({ log, seenTo }).toEqual({ log, seenTo: [] });
    expect([...answers].filter(([, answer]) => answer === 'unanswered')).toEqual([]);
    expect(answers.get('wait')).toBe('done');
    expect(answers.get('late wait')).toBe('done');
    expect(states.filter((state, i) => state !== states[i - 1]).join(' ')).toMatch(
      /^(created )?(running )?exited \|$/,
    );
    const published = harness.events.map(({ type }) => type);
    expect(['', 'start', 'start exit']).toContain(
      published.map((type) => (type === 'TaskExit' ? 'exit' : 'start')).join(' '),
    );
    expect(left).toEqual([]);
  });
};

const calls: readonly [string, Script][] = [
  ['container.start', { init: true }],
  ['container.createProcess', {}],
  ['container.createProcess', { init: true }],
  ['process.signal', {}],
  ['process.resizeConsole', {}],
  ['process.close', {}],
  ['upstream.closeStdin', {}],
  ['upstream.close', {}],
  ['publish TaskExecStarted', {}],
  ['publish TaskStart', { init: true }],
  ['publish TaskExit', {}],
];

describe.each(Object.entries(faults))('an engine that %s', (fault, reply) => {
  it.each(calls.map(([call, script]) => [call, script.init ? 'an init' : 'an exec', script] as const))(
    'in %s breaks no guarantee of %s',
    (call, _, script) => guaranteesHold({ ...script, replies: { [call]: reply } }, fault),
  );

  it.each(['container.terminate', 'container.close'])(
    'in %s breaks no guarantee of a failed start',
    (call) => {
      const refused: Reply = () => throwError(() => new Error('refused'));
      guaranteesHold({ init: true, replies: { 'publish TaskStart': refused, [call]: reply } }, fault);
    },
  );

  it('in process.kill breaks no guarantee of a process that must be killed', () => {
    guaranteesHold({ processExit$: NEVER, replies: { 'process.kill': reply } }, fault);
    const refused: Reply = () => throwError(() => new Error('refused'));
    guaranteesHold({ replies: { 'publish TaskExecStarted': refused, 'process.kill': reply } }, fault);
  });

  it('in everything breaks no guarantee', () => {
    const all = Object.fromEntries(
      [...calls.map(([call]) => call), 'process.kill'].map((call) => [call, reply]),
    );
    guaranteesHold({ replies: all }, fault);
    guaranteesHold({ init: true, replies: all }, fault);
    guaranteesHold(
      { processExit$: NEVER, replies: { ...all, 'container.createProcess': (normal) => normal } },
      fault,
    );
  });
});

const badStreams: Record<string, Observable<unknown>> = {
  'throws when subscribed to': new Observable(() => {
    throw error;
  }),
  fails: throwError(() => error),
  'ends without a value': EMPTY,
  'never says anything': NEVER,
  'says nonsense': of(undefined),
  'says it twice': of({ kind: 'exited', code: 0, reason: 'ended' }, { kind: 'exited', code: 1 }),
  'says it and fails': concat(
    of({ kind: 'exited', code: 0, reason: 'ended' }),
    throwError(() => error),
  ),
};

describe.each(Object.entries(badStreams))('an end that %s', (_, end$) => {
  it.each([false, true])('breaks no guarantee when it is that of the process (init: %p)', (init) => {
    guaranteesHold({ init, processExit$: end$ });
  });

  it.each([false, true])('breaks no guarantee when it is that of the container (init: %p)', (init) => {
    guaranteesHold({ init, systemExit$: end$ });
    guaranteesHold({ init, systemExit$: slow(8)(end$) });
  });

  it('breaks no guarantee when it is that of both', () => {
    guaranteesHold({ processExit$: end$, systemExit$: end$ });
  });
});

describe('a relay', () => {
  const fail = (): never => {
    throw error;
  };

  it.each<[string, NonNullable<Script['relay']>]>([
    ['that cannot be started', fail],
    ['that is none', (() => undefined) as never],
    ['whose copy fails', { through$: throwError(() => error) }],
    ['whose copy never ends', { through$: NEVER }],
    ['whose copy throws when subscribed to', { through$: new Observable(fail) }],
    ['that cannot be cut', { through$: NEVER, cut: fail }],
    ['that is not over when it was cut', { through$: NEVER, cut: () => true }],
    ['that cannot count', { through$: NEVER, moved: fail }],
  ])('%s breaks no guarantee', (_, relay) => {
    guaranteesHold({ relay });
    guaranteesHold({ relay, policies: { ...policies, drain: { cap: 40, idle: 10 } } });
  });

  it('may need itself: its methods are called on it', () => {
    class Counting {
      readonly through$ = NEVER;
      #bytes = 0;
      moved(): number {
        this.#bytes += 1;
        return this.#bytes;
      }
      cut(): boolean {
        this.#bytes = -1;
        return true;
      }
    }
    guaranteesHold({ relay: () => new Counting(), policies: { ...policies, drain: { cap: 40, idle: 10 } } });
  });
});

describe('the error that a user gets for a fault', () => {
  const outcomeOf = (script: Script) =>
    logOf({ policies, ...script }, (harness) => harness.record('start', harness.exec.start()));

  it.each(['throws', 'throws when subscribed to', 'fails'])(
    'is what the engine said, when it %s',
    (fault) => {
      const log = outcomeOf({ replies: { 'container.createProcess': faults[fault] as Reply } });
      expect(log).toContain('0 start: Error: engine');
    },
  );

  it.each(['completes without doing anything', 'answers with nonsense'])(
    'is that there is no process, when it %s',
    (fault) => {
      const log = outcomeOf({ replies: { 'container.createProcess': faults[fault] as Reply } });
      expect(log).toContain('0 start: unknown');
    },
  );

  it('is that publishing its start took too long', () => {
    const log = outcomeOf({ replies: { 'publish TaskExecStarted': () => NEVER } });
    expect(log).toContain('60 process.kill');
    expect(log.at(-2)).toBe('110 start: unavailable');
  });

  it('is that a signal may or may not have been delivered, when the engine does not say', () => {
    const log = logOf({ replies: { 'process.signal': () => EMPTY } }, ({ exec, record }) => {
      exec.start().subscribe();
      record('kill', exec.kill(15));
    });
    expect(log.at(-1)).toBe('0 kill: unknown');
  });
});

describe('a process that an engine delivers when its exec was given up', () => {
  it('is killed and closed', () => {
    const log = logOf({ policies, replies: { 'container.createProcess': slow(500) } }, (harness) => {
      harness.record('start', harness.exec.start());
      harness.record('forceExit', harness.exec.forceExit(7));
    });
    expect(log.slice(-3)).toEqual(['50 released$', '500 process.kill', '500 process.close']);
  });

  it('is not even made when the container was that slow', () => {
    const log = logOf({ init: true, policies, replies: { 'container.start': slow(500) } }, (harness) => {
      harness.record('start', harness.exec.start());
      harness.record('forceExit', harness.exec.forceExit(7));
    });
    expect(log.at(-1)).toBe('50 released$');
    expect(log).not.toContain('500 container.createProcess');
  });
});
