/** What a user may rely on of an exec: what each command does in each state, in what order, and that nothing stays. */
import { describe, expect, it } from '@jest/globals';
import { type Observable, of } from 'rxjs';
import { windowsSignals } from '../../../src/hcs/signals/windows.js';
import { inMarbles } from '../../support/marbles.js';
import { type Harness, hang, logOf, makeHarness, play, refuse, type Script, slow } from './harness.js';

describe('a created exec', () => {
  it('has no pid, no exit, and the status of one that is unknown', () => {
    const { exec } = play({ stdio: ['stdin', 'stdout'] }, () => undefined);
    expect(exec).toMatchObject({ taskId: 't', id: 'e', bundle: '/bundle', state: 'created', pid: 0 });
    expect(exec.status()).toEqual({
      id: 't',
      execId: 'e',
      bundle: '/bundle',
      pid: 0,
      status: 'CREATED',
      stdin: '/in',
      stdout: '/out',
      stderr: '',
      terminal: false,
      exitStatus: 255,
      exitedAt: undefined,
    });
  });

  it('makes no call to its engine before the start', () => {
    expect(
      logOf({ init: true }, ({ exec }) => void [exec.start(), exec.kill(9), exec.stop(), exec.wait()]),
    ).toEqual([]);
  });

  it('takes a resize of its terminal, and does nothing', () => {
    expect(
      logOf({ terminal: true }, ({ exec, record }) =>
        record('resize', exec.resizePty({ width: 80, height: 25 })),
      ),
    ).toEqual(['0 resize: done']);
  });
});

describe('a running exec', () => {
  const running = (script: Script, act: (harness: Harness) => void): readonly string[] =>
    logOf(script, (harness) => {
      harness.exec.start().subscribe();
      act(harness);
    }).slice(3);

  it('cannot be started again', () => {
    const errors: unknown[] = [];
    expect(
      running({}, ({ exec, record }) => {
        record('start', exec.start());
        exec.start().subscribe({ error: (error) => errors.push(error) });
      }),
    ).toEqual(['0 start: failedPrecondition']);
    expect(errors).toEqual([
      expect.objectContaining({
        message: "exec: 'e' in task: 't' is in invalid state: 'running' for start: failed precondition",
      }),
    ]);
  });

  it.each<[string, Script, number | string, readonly string[]]>([
    ['sends a signal', {}, 15, ['0 process.signal', '0 kill: done']],
    ['sends a signal by name', {}, 'TERM', ['0 process.signal', '0 kill: done']],
    ['sends the signal KILL where there is such a signal', {}, 9, ['0 process.signal', '0 kill: done']],
    [
      'kills where there is none',
      { os: 'windows', signals: windowsSignals({ supported: true }) },
      9,
      ['0 process.kill', '0 kill: done'],
    ],
    ['refuses a signal that its system does not take', {}, 99, ['0 kill: failedPrecondition']],
    [
      'says when a signal was not delivered',
      { replies: { 'process.signal': () => of('notDelivered') } },
      15,
      ['0 process.signal', '0 kill: notFound'],
    ],
    [
      'takes "already stopped" for success',
      { replies: { 'process.signal': () => of('alreadyStopped') } },
      15,
      ['0 process.signal', '0 kill: done'],
    ],
    [
      'passes on what else the engine says',
      { replies: { 'process.signal': refuse() } },
      15,
      ['0 process.signal', '0 kill: Error: no'],
    ],
  ])('%s', (_, script, signal, expected) => {
    expect(running(script, ({ exec, record }) => record('kill', exec.kill(signal)))).toEqual(expected);
  });

  it('is not changed by a signal: only its own end ends it', () => {
    const { exec } = play({}, ({ exec: it }) => {
      it.start().subscribe();
      it.kill(9).subscribe();
    });
    expect(exec.state).toBe('running');
  });

  it('resizes its terminal, to a size cut to 16 bits', () => {
    const sizes: unknown[] = [];
    play({ terminal: true }, (harness) => {
      harness.exec.start().subscribe();
      const { process } = harness;
      const resizeConsole = process.resizeConsole;
      Object.assign(process, {
        resizeConsole: (size: never) => {
          sizes.push(size);
          return resizeConsole(size);
        },
      });
      harness.exec.resizePty({ width: 65_536 + 80, height: 25 }).subscribe();
    });
    expect(sizes).toEqual([{ width: 80, height: 25 }]);
  });

  it.each(['created', 'running', 'exited'])(
    'has no terminal to resize unless it was given one: %s',
    (state) => {
      const log = logOf({}, (harness) => {
        if (state !== 'created') harness.exec.start().subscribe();
        if (state === 'exited') harness.process.exit(0);
        harness.record('resize', harness.exec.resizePty({ width: 80, height: 25 }));
      });
      expect(log).toContain('0 resize: failedPrecondition');
      expect(log).not.toContain('0 process.resizeConsole');
    },
  );

  it('passes on why a resize failed', () => {
    const log = running(
      { terminal: true, replies: { 'process.resizeConsole': refuse() } },
      ({ exec, record }) => record('resize', exec.resizePty({ width: 80, height: 25 })),
    );
    expect(log).toEqual(['0 process.resizeConsole', '0 resize: Error: no']);
  });

  it('ends with its container, whatever then comes of the process', () => {
    const log = running({}, ({ system, at, process }) => {
      system.exit();
      at(3, () => process.exit(137));
    });
    expect(log.slice(0, 3)).toEqual(['0 process.kill', '3 exit$ exited 137 → 137', '3 drained$']);
    expect(running({}, ({ system }) => system.exit())[1]).toBe(
      '5000 exit$ lost its end was not reported in time → 255, forced',
    );
  });

  it('has its own exit, not that of its container, when both are over at once', () => {
    const log = logOf({}, ({ exec, system }) => {
      exec.state$.subscribe(({ phase }) => {
        if (phase !== 'announcing') return;
        system.exit();
        system.processes[0]?.exit(3);
      });
      exec.start().subscribe();
    });
    expect(log).toContain('0 exit$ exited 3 → 3');
    expect(log).not.toContain('0 process.kill');
  });
});

describe('an exited exec', () => {
  it.each<[string, (harness: Harness) => void, string]>([
    ['cannot be started', ({ exec, record }) => record('start', exec.start()), 'start: failedPrecondition'],
    ['cannot be killed', ({ exec, record }) => record('kill', exec.kill(9)), 'kill: notFound'],
    ['minds no forced exit', ({ exec, record }) => record('forceExit', exec.forceExit(9)), 'forceExit: done'],
    ['minds no closed input', ({ exec, record }) => record('closeIo', exec.closeIo()), 'closeIo: done'],
    ['has been waited for', ({ exec, record }) => record('wait', exec.wait()), 'wait: done'],
    ['is stopped', ({ exec, record }) => record('stop', exec.stop()), 'stop: done'],
  ])('%s', (_, act, expected) => {
    const { log, exec } = play({}, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(3);
      act(harness);
    });
    expect(log.at(-1)).toBe(`0 ${expected}`);
    expect(exec.status()).toMatchObject({ exitStatus: 3, pid: 4711, status: 'STOPPED' });
  });

  it('minds a resize of its terminal no more than a created one', () => {
    const log = logOf({ terminal: true }, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(3);
      harness.record('resize', harness.exec.resizePty({ width: 80, height: 25 }));
    });
    expect(log.at(-1)).toBe('0 resize: done');
    expect(log).not.toContain('0 process.resizeConsole');
  });

  it('is exited to everyone while it still drains, but its waiters wait', () => {
    inMarbles(({ scheduler, flush }) => {
      const harness = makeHarness({ stdio: ['stdout'] }, scheduler);
      harness.exec.start().subscribe();
      harness.process.exit(3);
      harness.record('wait', harness.exec.wait());
      harness.at(500, () => {
        expect(harness.exec.status()).toMatchObject({ status: 'STOPPED', exitStatus: 3 });
        harness.record('kill', harness.exec.kill(9));
      });
      flush();
      expect(harness.log).toContain('500 kill: notFound');
      expect(harness.log).toContain('1000 wait: done');
    });
  });
});

describe('commands', () => {
  it('are performed one at a time, in the order in which they were asked for', () => {
    const replies = {
      'container.createProcess': slow(5),
      'process.signal': slow(5),
      'process.resizeConsole': slow(5),
    };
    const log = logOf({ terminal: true, replies }, ({ exec, record }) => {
      record('start', exec.start());
      record('kill', exec.kill(15));
      record('resize', exec.resizePty({ width: 80, height: 25 }));
      record('start again', exec.start());
    });
    expect(log).toEqual([
      '0 container.createProcess',
      '5 (running, pid 4711)',
      '5 publish TaskExecStarted',
      '5 start: done',
      '5 process.signal',
      '10 kill: done',
      '10 process.resizeConsole',
      '15 resize: done',
      '15 start again: failedPrecondition',
    ]);
  });

  it('kill what runs when a start that was under way succeeded, and find nothing when it failed', () => {
    const replies = { 'container.createProcess': slow(5) };
    const act = ({ exec, record }: Harness) => {
      record('start', exec.start());
      record('kill', exec.kill(9));
    };
    expect(logOf({ replies }, act).slice(-2)).toEqual(['5 process.signal', '5 kill: done']);
    const failing = { 'container.createProcess': (normal: Observable<unknown>) => slow(5)(refuse()(normal)) };
    expect(logOf({ replies: failing }, act)).toEqual(
      expect.arrayContaining(['5 start: Error: no', '5 kill: notFound']),
    );
  });

  it('wait no longer than the bound for one that hangs', () => {
    const replies = { 'process.resizeConsole': hang };
    const log = logOf({ terminal: true, replies, policies: { exitTimeout: 30 } }, ({ exec, record }) => {
      exec.start().subscribe();
      record('resize', exec.resizePty({ width: 80, height: 25 }));
      record('kill', exec.kill(15));
    });
    expect(log.slice(-2)).toEqual(['30 process.signal', '30 kill: done']);
  });

  it('may close the input at any time without waiting', () => {
    const log = logOf({ replies: { 'container.createProcess': hang } }, ({ exec, record }) => {
      exec.start().subscribe();
      record('closeIo', exec.closeIo());
      record('closeIo', exec.closeIo());
    });
    expect(log.slice(1)).toEqual(Array(2).fill(['0 upstream.closeStdin', '0 closeIo: done']).flat());
  });

  it('are taken back by losing interest before their turn', () => {
    const log = logOf({ replies: { 'container.createProcess': slow(5) } }, ({ exec, at }) => {
      exec.start().subscribe();
      const kill = exec.kill(9).subscribe();
      at(3, () => kill.unsubscribe());
    });
    expect(log).not.toContain('5 process.signal');
  });

  it('go on when interest is lost while they are under way', () => {
    const { exec, log } = play(
      { replies: { 'container.createProcess': slow(5) } },
      ({ exec: starting, at }) => {
        const start = starting.start().subscribe();
        at(3, () => start.unsubscribe());
      },
    );
    expect(exec.state).toBe('running');
    expect(log).toContain('5 publish TaskExecStarted');
  });

  it('can be thousands, asked for while a start hangs', () => {
    const { exec } = play({ replies: { 'container.createProcess': slow(5) } }, ({ exec: starting }) => {
      starting.start().subscribe();
      for (let i = 0; i < 3_000; i += 1) starting.kill(15).subscribe();
    });
    expect(exec.state).toBe('running');
  });
});

describe('output', () => {
  const cut = ' drained$ truncated';

  it('is waited for, and not a moment longer', () => {
    const log = logOf({ stdio: ['stdout'] }, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(0);
      harness.at(400, harness.through);
    });
    expect(log).toContain('400 drained$');
  });

  it('is cut after the cap', () => {
    const log = logOf({ stdio: ['stdout'], policies: { drain: { cap: 250 } } }, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(0);
    });
    expect(log).toContain(`250${cut}`);
  });

  it('is cut earlier when it is idle, later when it still flows, never later than the cap', () => {
    const drained = (bytesAt: readonly number[]) =>
      logOf({ stdio: ['stdout'], policies: { drain: { cap: 900, idle: 100 } } }, (harness) => {
        harness.exec.start().subscribe();
        harness.process.exit(0);
        for (const ms of bytesAt) harness.at(ms, () => harness.moved(1));
      }).find((line) => line.includes('drained$'));
    const everyFifty = Array.from({ length: 40 }, (_, i) => 50 * i + 1);
    expect(drained([])).toBe(`100${cut}`);
    expect(drained([50, 150])).toBe(`300${cut}`);
    expect(drained(everyFifty)).toBe(`900${cut}`);
  });

  it('does not count as cut when nothing was asked for', () => {
    const log = logOf({ policies: { drain: { cap: 0 } } }, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(0);
    });
    expect(log).toContain('0 drained$');
  });

  it('starts to be copied before anybody hears of the start, and only if there is some', () => {
    const log = logOf({ stdio: ['stdout'] }, ({ exec }) => exec.start().subscribe());
    expect(log.slice(0, 3)).toEqual(['0 container.createProcess', '0 relay starts', '0 (running, pid 4711)']);
    expect(logOf({}, ({ exec }) => exec.start().subscribe())).not.toContain('0 relay starts');
  });
});

describe('nothing is left', () => {
  it.each<[string, Script, (harness: Harness) => void]>([
    ['an exit', {}, ({ process }) => process.exit(0)],
    [
      'a drain',
      { stdio: ['stdout'] },
      ({ process, through }) => {
        process.exit(0);
        through();
      },
    ],
    [
      'a forced exit',
      {},
      ({ exec, process }) => {
        exec.forceExit(1).subscribe();
        process.exit(9);
      },
    ],
    [
      'a stop',
      {},
      ({ exec, process }) => {
        exec.stop().subscribe();
        process.exit(9);
      },
    ],
    [
      'a signal that hangs',
      { replies: { 'process.signal': hang } },
      ({ exec, process }) => {
        exec.kill(15).subscribe();
        process.exit(9);
      },
    ],
    [
      'a resize that hangs',
      { terminal: true, replies: { 'process.resizeConsole': hang } },
      ({ exec, process }) => {
        exec.resizePty({ width: 1, height: 1 }).subscribe();
        process.exit(9);
      },
    ],
  ])('after %s: no timer, no subscription', (_, script, act) => {
    inMarbles(({ scheduler }) => {
      const harness = makeHarness(script, scheduler);
      harness.exec.start().subscribe();
      act(harness);
      expect(harness.log.at(-1)).toMatch(/released\$|done/);
      expect(harness.leftovers()).toEqual([]);
    });
  });

  it('after an exit that was never reported', () => {
    const { log, leftovers } = play({}, ({ exec }) => {
      exec.start().subscribe();
      exec.forceExit(1).subscribe();
    });
    expect(log.at(-1)).toBe('5000 released$');
    expect(leftovers()).toEqual([]);
  });

  it('while it runs but the two ends it waits for', () => {
    inMarbles(({ scheduler }) => {
      const harness = makeHarness({ stdio: ['stdout'] }, scheduler);
      harness.exec.start().subscribe();
      expect(harness.leftovers()).toEqual(['exit$ of 4711']);
    });
  });
});
