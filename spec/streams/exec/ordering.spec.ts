/**
 * The ordering rules O1 to O9 of the original, in virtual time.
 *
 * A log is one line for each call and each milestone, with the millisecond at which it happened. What an exec does on
 * entering a state is under way before anybody hears of that state, so a milestone may be emitted after the calls that it
 * brings about; never before.
 */
import { describe, expect, it } from '@jest/globals';
import { map, tap } from 'rxjs';
import { inMarbles } from '../../support/marbles.js';
import { hang, logOf, makeHarness, play, refuse, slow } from './harness.js';

const launched = [
  '0 container.createProcess',
  '0 (running, pid 4711)',
  '0 publish TaskExecStarted',
  '0 start: done',
];
const launchedInit = [
  '0 container.start',
  '0 container.createProcess',
  '0 (running, pid 4711)',
  '0 publish TaskStart',
  '0 start: done',
];

describe('O1: container start, process, running with a pid, start event, and only then the watch', () => {
  it('holds for an init', () => {
    expect(logOf({ init: true }, ({ exec, record }) => record('start', exec.start()))).toEqual(launchedInit);
  });

  it('holds for an exec, which starts no container', () => {
    expect(logOf({}, ({ exec, record }) => record('start', exec.start()))).toEqual(launched);
  });

  it('takes one step after another, however slow the engine', () => {
    inMarbles(({ scheduler, expectObservable }) => {
      const replies = {
        'container.start': slow(2),
        'container.createProcess': slow(3),
        'publish TaskStart': slow(4),
      };
      const { exec, at, system } = makeHarness({ init: true, replies }, scheduler);
      at(1, () => exec.start().subscribe());
      at(13, () => system.processes[0]?.exit(0));
      const phases = '     cs----a---r--(eof|)';
      const letters = {
        c: 'created',
        s: 'starting',
        a: 'announcing',
        r: 'running',
        e: 'draining',
        o: 'releasing',
        f: 'released',
      };
      expectObservable(exec.state$.pipe(map(({ phase }) => phase))).toBe(phases, letters);
    });
  });

  it('asks the process for its end only when the start is out', () => {
    inMarbles(({ scheduler, flush }) => {
      const watched: unknown[] = [];
      const { exec, at, leftovers } = makeHarness(
        { replies: { 'publish TaskExecStarted': slow(5) } },
        scheduler,
      );
      exec.start().subscribe();
      for (const ms of [4, 6]) at(ms, () => watched.push(leftovers().includes('exit$ of 4711')));
      flush();
      expect(watched).toEqual([false, true]);
    });
  });

  it('completes the start when it runs and the start event is out', () => {
    const log = logOf({ replies: { 'publish TaskExecStarted': slow(5) } }, ({ exec, record }) =>
      record('start', exec.start()),
    );
    expect(log.at(-1)).toBe('5 start: done');
  });
});

describe('O2: the start event comes before the exit event of the same exec', () => {
  it('holds for a process that has exited before its start is published', () => {
    const { events } = play({}, ({ exec, system }) => {
      exec.state$.subscribe(({ phase }) => {
        if (phase === 'announcing') system.processes[0]?.exit(3);
      });
      exec.start().subscribe();
    });
    expect(events.map(({ type }) => type)).toEqual(['TaskExecStarted', 'TaskExit']);
  });

  it('holds when publishing the start takes long', () => {
    inMarbles(({ scheduler, expectObservable, flush }) => {
      const harness = makeHarness({ replies: { 'publish TaskExecStarted': slow(5) } }, scheduler);
      harness.exec.start().subscribe();
      harness.at(2, () => harness.process.exit(3));
      const types$ = harness.exec.events$.pipe(map(({ type }) => type));
      const expected = '-----(sx|)';
      expectObservable(types$).toBe(expected, { s: 'TaskExecStarted', x: 'TaskExit' });
      flush();
      expect(harness.events.map(({ type }) => type)).toEqual(['TaskExecStarted', 'TaskExit']);
    });
  });

  it('publishes no start of an exec that was cancelled meanwhile: its exit would be missing', () => {
    let published = false;
    const { log } = play(
      {
        policies: { publishTimeout: 20_000 },
        replies: {
          'publish TaskExecStarted': (normal) =>
            slow(8_000)(normal).pipe(tap({ complete: () => (published = true) })),
        },
      },
      ({ exec }) => {
        exec.start().subscribe({ error: () => undefined });
        exec.forceExit(9).subscribe();
      },
    );
    expect(log.at(-1)).toBe('5000 released$');
    expect(published).toBe(false);
  });

  it('publishes no exit of an exec whose start could not be published', () => {
    const { events, exec } = play(
      { replies: { 'publish TaskExecStarted': refuse() } },
      ({ exec: failing, at, system }) => {
        failing.start().subscribe({ error: () => undefined });
        at(2, () => system.processes[0]?.exit(3));
      },
    );
    expect(events.map(({ type }) => type)).toEqual(['TaskExecStarted']);
    expect(exec.state).toBe('exited');
  });
});

describe('O3: exit, output through, process closed, upstream closed, exit event, and last of all the waiters', () => {
  it('holds for an exec', () => {
    const replies = { 'process.close': slow(1), 'upstream.close': slow(1), 'publish TaskExit': slow(1) };
    const log = logOf({ stdio: ['stdout'], replies }, (harness) => {
      harness.record('start', harness.exec.start());
      harness.at(5, () => harness.process.exit(3));
      harness.at(9, harness.through);
    });
    expect(log.slice(5)).toEqual([
      '5 exit$ exited 3 → 3',
      '9 drained$',
      '9 process.close',
      '10 upstream.close',
      '11 (exited, pid 4711)',
      '11 publish TaskExit',
      '12 released$',
    ]);
  });

  it('holds for an init, whose exit its task publishes', () => {
    const log = logOf({ init: true }, (harness) => {
      harness.record('start', harness.exec.start());
      harness.at(5, () => harness.process.exit(3));
    });
    expect(log.slice(launchedInit.length)).toEqual([
      '5 exit$ exited 3 → 3',
      '5 drained$',
      '5 process.close',
      '5 upstream.close',
      '5 released$',
    ]);
  });

  it('holds when nothing is open and every call is answered at once', () => {
    const log = logOf({}, (harness) => {
      harness.record('start', harness.exec.start());
      harness.at(5, () => harness.process.exit(0));
    });
    expect(log.slice(launched.length)).toEqual([
      '5 exit$ exited 0 → 0',
      '5 drained$',
      '5 process.close',
      '5 upstream.close',
      '5 (exited, pid 4711)',
      '5 publish TaskExit',
      '5 released$',
    ]);
  });

  it('shows exit, drain and release as milestones of their own', () => {
    inMarbles(({ scheduler, expectObservable }) => {
      const harness = makeHarness({ stdio: ['stdout'], replies: { 'upstream.close': slow(3) } }, scheduler);
      const { exec } = harness;
      exec.start().subscribe();
      harness.at(2, () => harness.process.exit(3));
      harness.at(6, harness.through);
      const exit = '    --(x|)';
      const drained = ' ------(d|)';
      const released = '---------(r|)';
      expectObservable(exec.exit$.pipe(map(({ status }) => status))).toBe(exit, { x: 3 });
      expectObservable(exec.drained$.pipe(map(({ truncated }) => truncated))).toBe(drained, { d: false });
      expectObservable(exec.released$.pipe(map(({ status }) => status))).toBe(released, { r: 3 });
    });
  });
});

describe('O4: a failed start of an init takes its container down before anybody hears of it', () => {
  const undone = (...failing: string[]) => [
    '0 container.start',
    '0 container.createProcess',
    ...failing,
    '0 container.terminate',
    '1 container.close',
    '2 exit$ startFailed → 1',
    '2 drained$',
    '2 upstream.close',
    '3 start: Error: no',
    '3 released$',
  ];
  const slowly = { 'container.terminate': slow(1), 'container.close': slow(1), 'upstream.close': slow(1) };

  it('holds when the process cannot be made', () => {
    const replies = { ...slowly, 'container.createProcess': refuse() };
    expect(logOf({ init: true, replies }, ({ exec, record }) => record('start', exec.start()))).toEqual(
      undone(),
    );
  });

  it('holds when the start event cannot be published', () => {
    const replies = { ...slowly, 'publish TaskStart': refuse() };
    expect(logOf({ init: true, replies }, ({ exec, record }) => record('start', exec.start()))).toEqual(
      undone('0 (running, pid 4711)', '0 publish TaskStart'),
    );
  });

  it('leaves a container alone that did not even start', () => {
    const replies = { 'container.start': refuse() };
    expect(logOf({ init: true, replies }, ({ exec, record }) => record('start', exec.start()))).toEqual([
      '0 container.start',
      '0 exit$ startFailed → 1',
      '0 drained$',
      '0 upstream.close',
      '0 released$',
      '0 start: Error: no',
    ]);
  });

  it('never touches the container for an exec', () => {
    const replies = { 'container.createProcess': refuse() };
    expect(logOf({ replies }, ({ exec, record }) => record('start', exec.start()))).toEqual([
      '0 container.createProcess',
      '0 exit$ startFailed → 1',
      '0 drained$',
      '0 upstream.close',
      '0 released$',
      '0 start: Error: no',
    ]);
  });
});

describe('O5: an exec that never ran closes its upstream, releases its waiters and publishes nothing', () => {
  const ends = (exit: string) => [`0 exit$ ${exit}`, '0 drained$', '0 upstream.close', '1 released$'];
  const replies = { 'upstream.close': slow(1) };

  it('holds when it is killed, whatever the signal', () => {
    for (const signal of [9, 15, 0, 4242, 'SIGNONSENSE']) {
      const log = logOf({ replies }, ({ exec, record }) => record('kill', exec.kill(signal)));
      expect(log).toEqual([...ends('discarded → 1'), '1 kill: done']);
    }
  });

  it('holds when its exit is forced, with the status that was asked for', () => {
    const log = logOf({ replies }, ({ exec, record }) => record('forceExit', exec.forceExit(7)));
    expect(log).toEqual([...ends('discarded → 7'), '1 forceExit: done']);
  });

  it('holds when its container goes', () => {
    expect(logOf({ replies }, ({ system }) => system.exit())).toEqual(ends('discarded → 1'));
  });

  it('holds when its container was gone before it was made', () => {
    const gone = play({}, ({ system }) => system.exit()).system;
    const log = logOf({ more: { system: gone } }, () => undefined);
    expect(log).toEqual(['0 upstream.close', '0 exit$ discarded → 1', '0 drained$', '0 released$']);
  });
});

describe('O6: the upstream is closed exactly once', () => {
  it.each<[string, Parameters<typeof play>]>([
    [
      'runs to its end',
      [
        {},
        ({ exec, system }) => {
          exec.start().subscribe();
          system.processes[0]?.exit(0);
        },
      ],
    ],
    [
      'is killed before it ran',
      [
        {},
        ({ exec }) => {
          exec.kill(9).subscribe();
          exec.forceExit(1).subscribe();
        },
      ],
    ],
    [
      'fails to start',
      [
        { replies: { 'container.createProcess': refuse() } },
        ({ exec }) => {
          exec.start().subscribe({ error: () => undefined });
        },
      ],
    ],
    [
      'cannot publish its start',
      [
        { replies: { 'publish TaskExecStarted': refuse() } },
        ({ exec, system }) => {
          exec.start().subscribe({ error: () => undefined });
          system.processes[0]?.exit(0);
        },
      ],
    ],
    [
      'cannot publish its start as an init',
      [
        { init: true, replies: { 'publish TaskStart': refuse() } },
        ({ exec }) => {
          exec.start().subscribe({ error: () => undefined });
        },
      ],
    ],
    [
      'is given up',
      [
        {},
        ({ exec }) => {
          exec.start().subscribe();
          exec.forceExit(1).subscribe();
        },
      ],
    ],
    [
      'loses its container',
      [
        {},
        ({ exec, system }) => {
          exec.start().subscribe();
          system.exit();
        },
      ],
    ],
    [
      'is cut',
      [
        { stdio: ['stdout'] },
        ({ exec, system }) => {
          exec.start().subscribe();
          system.processes[0]?.exit(0);
        },
      ],
    ],
  ])('by an exec that %s', (_, [script, act]) => {
    const { log, exec } = play(script, act);
    expect(exec.state).toBe('exited');
    expect(log.filter((line) => line.endsWith('upstream.close'))).toHaveLength(1);
    expect(log.filter((line) => line.endsWith('released$'))).toHaveLength(1);
  });
});

describe('O8: the time of the exit is taken when the exit is known, before anything is drained', () => {
  it('holds', () => {
    const { exec } = play({ stdio: ['stdout'], replies: { 'upstream.close': hang } }, (harness) => {
      harness.exec.start().subscribe();
      harness.at(5, () => harness.process.exit(3));
      harness.at(900, harness.through);
    });
    expect(exec.status()).toMatchObject({ status: 'STOPPED', exitStatus: 3, exitedAt: new Date(5) });
  });
});

describe('O9: status and time of an exit never change', () => {
  it('holds for everything that may still happen after it', () => {
    const harness = play({ stdio: ['stdout'], replies: { 'process.kill': slow(3) } }, (harness) => {
      harness.exec.start().subscribe();
      harness.at(4, () => harness.exec.forceExit(77).subscribe());
      harness.at(5, () => harness.process.exit(3));
      harness.at(6, () => harness.system.exit());
      harness.at(7, () => harness.exec.forceExit(88).subscribe());
      harness.at(8, () => harness.exec.kill(9).subscribe({ error: () => undefined }));
      harness.at(9, () => harness.exec.stop().subscribe());
    });
    expect(harness.exec.status()).toMatchObject({ exitStatus: 3, exitedAt: new Date(5) });
    expect(harness.log.filter((line) => line.includes('exit$'))).toEqual(['5 exit$ exited 3 → 3']);
  });
});
