/** Early, late and many: everybody who asks an exec for its end gets the same. */
import { describe, expect, it } from '@jest/globals';
import { type Observable, toArray } from 'rxjs';
import type { Exec } from '../../../src/streams/exec/interface.js';
import { inMarbles } from '../../support/marbles.js';
import { makeHarness, play, slow } from './harness.js';

type Name = 'state$' | 'exit$' | 'drained$' | 'released$' | 'events$';
const streams: readonly Name[] = ['state$', 'exit$', 'drained$', 'released$', 'events$'];
const of = (exec: Exec, name: Name) => exec[name] as Observable<unknown>;

const received = (stream$: Observable<unknown>): unknown[] => {
  const values: unknown[] = [];
  stream$.subscribe({
    next: (value) => values.push(value),
    error: () => values.push('#'),
    complete: () => values.push('|'),
  });
  return values;
};

describe.each(streams)('%s', (name) => {
  it('says the same to one who comes before the start, while it runs, while it drains, and after the release', () => {
    inMarbles(({ scheduler, flush }) => {
      const harness = makeHarness({ stdio: ['stdout'], replies: { 'upstream.close': slow(10) } }, scheduler);
      const all: unknown[][] = [];
      const come = () => all.push(received(of(harness.exec, name)));
      come();
      harness.at(1, () => harness.exec.start().subscribe());
      harness.at(2, come);
      harness.at(10, () => harness.process.exit(3));
      harness.at(15, come);
      harness.at(20, harness.through);
      harness.at(25, come);
      harness.at(100, come);
      flush();
      const last = all.at(-1) as unknown[];
      expect(last.at(-1)).toBe('|');
      expect(last).not.toContain('#');
      // States are the present one and what comes; of all else everybody gets everything.
      for (const one of all)
        expect(name === 'state$' ? one.slice(-2) : one).toEqual(name === 'state$' ? last.slice(-2) : last);
    });
  });

  it('says the same to a thousand', () => {
    inMarbles(({ scheduler, flush }) => {
      const harness = makeHarness({}, scheduler);
      const all = Array.from({ length: 1_000 }, () => received(of(harness.exec, name)));
      harness.exec.start().subscribe();
      harness.process.exit(3);
      flush();
      expect(all[0]?.length).toBeGreaterThan(1);
      for (const one of all) expect(one).toEqual(all[0]);
    });
  });

  it('gives the same to a subscriber that comes during a delivery', () => {
    inMarbles(({ scheduler, flush }) => {
      const harness = makeHarness({}, scheduler);
      const late: unknown[][] = [];
      let times = 0;
      of(harness.exec, name).subscribe(() => {
        times += 1;
        if (times === 1) late.push(received(of(harness.exec, name)));
      });
      harness.exec.start().subscribe();
      harness.process.exit(3);
      flush();
      expect(late).toEqual(
        [received(of(harness.exec, name))].map((now) => (name === 'state$' ? late[0] : now)),
      );
      expect(late[0]?.at(-1)).toBe('|');
      const distinct = new Set(late[0]);
      expect(late[0]).toHaveLength(distinct.size);
    });
  });

  it('never errors, however the exec ends', () => {
    for (const end of ['lost', 'discarded', 'cannot start']) {
      const { exec } = play({}, (harness) => {
        if (end === 'discarded') return harness.exec.kill(9).subscribe();
        if (end === 'cannot start') harness.system.exit();
        harness.exec.start().subscribe({ error: () => undefined });
        return harness.system.processes[0]?.exit(undefined as never);
      });
      expect(received(of(exec, name))).not.toContain('#');
    }
  });
});

describe('state$', () => {
  it('misses no state that its own listener brings about', () => {
    const { exec } = play({}, () => undefined);
    const phases: string[] = [];
    exec.state$.subscribe(({ phase }) => {
      phases.push(phase);
      if (phase === 'created') exec.start().subscribe();
    });
    expect(phases).toEqual(['created', 'starting', 'announcing', 'running']);
  });

  it('reports each state once and in order, to each of many, when one of them acts on it', () => {
    inMarbles(({ scheduler, flush }) => {
      const harness = makeHarness({}, scheduler);
      const early: string[] = [];
      const late: string[] = [];
      harness.exec.state$.subscribe(({ phase }) => {
        early.push(phase);
        if (phase === 'running') harness.process.exit(3);
      });
      harness.exec.state$.subscribe(({ phase }) => late.push(phase));
      harness.exec.start().subscribe();
      flush();
      expect(early).toEqual([
        'created',
        'starting',
        'announcing',
        'running',
        'draining',
        'releasing',
        'released',
      ]);
      expect(late).toEqual(early);
    });
  });
});

describe('events$', () => {
  it('reports start and exit of an exec, whenever it is asked', () => {
    const { exec, events } = play({}, (harness) => {
      harness.exec.start().subscribe();
      harness.at(5, () => harness.process.exit(3));
    });
    let published: unknown;
    exec.events$.pipe(toArray()).subscribe((all) => {
      published = all;
    });
    expect(published).toEqual([
      { type: 'TaskExecStarted', topic: '/tasks/exec-started', containerId: 't', execId: 'e', pid: 4711 },
      {
        type: 'TaskExit',
        topic: '/tasks/exit',
        containerId: 't',
        id: 'e',
        pid: 4711,
        exitStatus: 3,
        exitedAt: new Date(5),
      },
    ]);
    expect(events).toEqual(published);
  });

  it('reports the start of an init, whose exit its task publishes', () => {
    const { exec, events } = play({ init: true }, (harness) => {
      harness.exec.start().subscribe();
      harness.at(5, () => harness.process.exit(3));
    });
    expect(events).toEqual([{ type: 'TaskStart', topic: '/tasks/start', containerId: 't', pid: 4711 }]);
    expect(received(exec.events$)).toEqual([...events, '|']);
  });
});
