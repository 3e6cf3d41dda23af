/** Where rxshim departs from the original, C1 to C8: what each promises instead. */
import { describe, expect, it } from '@jest/globals';
import { EMPTY, finalize, NEVER } from 'rxjs';
import { unknownExit } from '../../../src/hcs/contract/exit-code.js';
import { windowsSignals } from '../../../src/hcs/signals/windows.js';
import { eventOutbox } from '../../../src/streams/event-outbox.js';
import { inMarbles } from '../../support/marbles.js';
import { hang, logOf, makeHarness, play, refuse, slow } from './harness.js';

const started = 4;

describe('C1: a process whose start could not be published is killed and its exit awaited', () => {
  const replies = { 'publish TaskExecStarted': refuse() };
  const beginning = [
    '0 container.createProcess',
    '0 (running, pid 4711)',
    '0 publish TaskExecStarted',
    '0 process.kill',
  ];

  it('ends as a failed start once the process is gone', () => {
    const log = logOf({ replies }, (harness) => {
      harness.record('start', harness.exec.start());
      harness.at(5, () => harness.process.exit(137));
    });
    expect(log).toEqual([
      ...beginning,
      '5 exit$ startFailed → 1',
      '5 drained$',
      '5 process.close',
      '5 upstream.close',
      '5 start: Error: no',
      '5 released$',
    ]);
  });

  it('does not wait for ever for a process that cannot be killed', () => {
    const log = logOf({ replies: { ...replies, 'process.kill': hang } }, ({ exec, record: note }) =>
      note('start', exec.start()),
    );
    expect(log.slice(beginning.length)).toEqual([
      '5000 exit$ startFailed → 1, forced',
      '5000 drained$',
      '5000 process.close',
      '5000 upstream.close',
      '5000 start: Error: no',
      '5000 released$',
    ]);
  });

  it('is a failed start also when the end of the process cannot be learnt', () => {
    const log = logOf({ replies }, (harness) => {
      harness.record('start', harness.exec.start());
      harness.at(5, () => harness.process.exit(unknownExit('lost')));
    });
    expect(log).toContain('5 exit$ startFailed → 1');
  });

  it('keeps its pid, by which the process can be found in the log', () => {
    const { exec } = play({ replies }, (harness) => {
      harness.exec.start().subscribe({ error: () => undefined });
      harness.at(5, () => harness.process.exit(137));
    });
    expect(exec.status()).toMatchObject({ pid: 4711, status: 'STOPPED', exitStatus: 1 });
  });
});

describe('C1: a process whose start could not be published in time has the whole timeout to exit after the kill', () => {
  it('also when a forced end was asked for before', () => {
    const { exec, log } = play({ replies: { 'publish TaskExecStarted': hang } }, (harness) => {
      harness.exec.start().subscribe({ error: () => undefined });
      harness.at(1, () => harness.exec.forceExit(7).subscribe());
      harness.at(5_003, () => harness.process.exit(137));
    });
    expect(log).toContain('5000 process.kill');
    expect(exec.status()).toMatchObject({ exitStatus: 1, exitedAt: new Date(5_003) });
  });
});

describe('C2: state, pid and status answer at once while a command is under way', () => {
  it('holds during a start', () => {
    inMarbles(({ scheduler, flush }) => {
      const replies = { 'container.createProcess': slow(5), 'publish TaskExecStarted': slow(5) };
      const { exec, at } = makeHarness({ replies }, scheduler);
      exec.start().subscribe();
      const answers: unknown[] = [];
      for (const ms of [3, 8, 12]) at(ms, () => answers.push([exec.state, exec.pid, exec.status().status]));
      flush();
      expect(answers).toEqual([
        ['created', 0, 'CREATED'],
        ['running', 4711, 'RUNNING'],
        ['running', 4711, 'RUNNING'],
      ]);
    });
  });

  it('holds during a kill that hangs', () => {
    const { exec } = play({ replies: { 'process.signal': hang } }, ({ exec: running }) => {
      running.start().subscribe();
      running.kill(15).subscribe();
    });
    expect([exec.state, exec.pid, exec.status().status]).toEqual(['running', 4711, 'RUNNING']);
  });
});

describe('C3: the forced exit of a process that does not report its end is bounded', () => {
  it('ends with the status that was asked for, marked forced', () => {
    const log = logOf({}, (harness) => {
      harness.exec.start().subscribe();
      harness.at(10, () => harness.record('forceExit', harness.exec.forceExit(7)));
    });
    expect(log.slice(started - 1)).toEqual([
      '10 process.kill',
      '10 forceExit: done',
      '5010 exit$ lost its end was not reported in time → 7, forced',
      '5010 drained$',
      '5010 process.close',
      '5010 upstream.close',
      '5010 (exited, pid 4711)',
      '5010 publish TaskExit',
      '5010 released$',
    ]);
  });

  it('reports the status of the process itself when that comes in time', () => {
    const log = logOf({}, (harness) => {
      harness.exec.start().subscribe();
      harness.at(10, () => harness.exec.forceExit(7).subscribe());
      harness.at(4000, () => harness.process.exit(137));
    });
    expect(log).toContain('4000 exit$ exited 137 → 137');
  });

  it('takes its bound from the policy', () => {
    const log = logOf({ policies: { exitTimeout: 30 } }, (harness) => {
      harness.exec.start().subscribe();
      harness.exec.forceExit(7).subscribe();
    });
    expect(log).toContain('30 exit$ lost its end was not reported in time → 7, forced');
  });

  it('is not put off by asking again while it is being started', () => {
    const { exec } = play({ replies: { 'container.createProcess': hang } }, (harness) => {
      harness.exec.start().subscribe({ error: () => undefined });
      for (const ms of [1, 2_000, 4_000]) harness.at(ms, () => harness.exec.forceExit(ms).subscribe());
    });
    expect(exec.status()).toMatchObject({ status: 'STOPPED', exitStatus: 1, exitedAt: new Date(5_001) });
  });

  it('is not put off by asking again', () => {
    const log = logOf({}, (harness) => {
      harness.exec.start().subscribe();
      for (const ms of [0, 2000, 4000, 4999]) harness.at(ms, () => harness.exec.forceExit(ms).subscribe());
    });
    expect(log).toContain('5000 exit$ lost its end was not reported in time → 0, forced');
  });

  it.each(['container.createProcess', 'publish TaskExecStarted'])(
    'bounds a start that hangs in %s',
    (call) => {
      const log = logOf({ replies: { [call]: hang }, policies: { publishTimeout: 60_000 } }, (harness) => {
        harness.record('start', harness.exec.start());
        harness.at(10, () => harness.record('forceExit', harness.exec.forceExit(7)));
      });
      expect(log.slice(-3)).toEqual([
        '5010 start: failedPrecondition',
        '5010 forceExit: done',
        '5010 released$',
      ]);
      expect(log.filter((line) => line.includes('exit$'))).toEqual([
        '5010 exit$ lost its end was not reported in time → 7, forced',
      ]);
    },
  );

  it('has killed the process that it gives up, whatever was in the way', () => {
    const replies = { 'process.signal': hang, 'process.resizeConsole': hang };
    const { log } = play({ replies, terminal: true }, (harness) => {
      harness.exec.start().subscribe();
      harness.exec.kill(15).subscribe();
      harness.exec.resizePty({ width: 80, height: 25 }).subscribe();
      harness.exec.kill(1).subscribe({ error: () => undefined });
      harness.exec.forceExit(7).subscribe();
    });
    // It waits for its turn no longer than the bound, and then as long again for the end.
    expect(log).toContain('5000 process.kill');
    expect(log).toContain('10000 exit$ lost its end was not reported in time → 7, forced');
  });

  it('has the code of the process where that was reported while the start was still being published', () => {
    const script = { replies: { 'publish TaskExecStarted': hang }, policies: { publishTimeout: 20_000 } };
    const { exec, log } = play(script, (harness) => {
      harness.exec.start().subscribe({ error: () => undefined });
      harness.at(1, () => harness.process.exit(3));
      harness.at(2, () => harness.record('forceExit', harness.exec.forceExit(7)));
    });
    expect(exec.status()).toMatchObject({ status: 'STOPPED', exitStatus: 3 });
    expect(log.some((line) => line.includes('forceExit: done'))).toBe(true);
  });
});

describe('C4: an exit code that cannot be read is 255, and said to be unknown', () => {
  it.each([
    ['says so', unknownExit('LastWaitResult 5')],
    ['says -1', { kind: 'exited', code: -1 } as const],
    ['says nonsense', { kind: 'exited', code: 'zero' } as never],
    ['says nothing that could be an exit', {} as never],
    ['says nothing at all', undefined as never],
  ])('holds for an engine that %s', (_, exit) => {
    const { exec, log } = play({}, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(exit);
    });
    expect(exec.status().exitStatus).toBe(255);
    expect(log.filter((line) => line.includes('exit$'))).toEqual([
      expect.stringMatching(/^0 exit\$ lost .* → 255$/),
    ]);
    expect(log.at(-1)).toBe('0 released$');
  });

  it('keeps a real 255 and a real 4294967295 apart from it', () => {
    for (const code of [255, 4294967295]) {
      const { log } = play({}, (harness) => {
        harness.exec.start().subscribe();
        harness.process.exit(code);
      });
      expect(log).toContain(`0 exit$ exited ${code} → ${code}`);
    }
  });
});

describe('C5: a signal call that hangs does not hold up the exit, which answers it', () => {
  it.each([
    ['a signal', 15, 'process.signal'],
    ['a kill', 9, 'process.kill'],
  ])('holds for %s', (_, signal, call) => {
    const script = {
      replies: { [call]: hang },
      ...(signal === 9 ? { os: 'windows' as const, signals: windowsSignals({ supported: true }) } : {}),
    };
    const log = logOf(script, (harness) => {
      harness.exec.start().subscribe();
      harness.record('kill', harness.exec.kill(signal));
      harness.at(7, () => harness.process.exit(143));
    });
    expect(log.slice(started - 1)).toEqual([
      `0 ${call}`,
      '7 exit$ exited 143 → 143',
      '7 kill: done',
      '7 drained$',
      '7 process.close',
      '7 upstream.close',
      '7 (exited, pid 4711)',
      '7 publish TaskExit',
      '7 released$',
    ]);
  });
});

describe('C6: the drain cap ends the whole copy, also one that is not read', () => {
  it('cuts reads and writes, and says that output was truncated', () => {
    const log = logOf({ stdio: ['stdout'] }, (harness) => {
      harness.exec.start().subscribe();
      harness.at(10, () => harness.process.exit(0));
    });
    expect(log.slice(started)).toEqual([
      '10 exit$ exited 0 → 0',
      '1010 process.close',
      '1010 relay.cut',
      '1010 drained$ truncated',
      '1010 process.close',
      '1010 upstream.close',
      '1010 (exited, pid 4711)',
      '1010 publish TaskExit',
      '1010 released$',
    ]);
  });

  it('says so in the outcome', () => {
    const outcomes: unknown[] = [];
    play({ stdio: ['stdout'], policies: { drain: { cap: 20 } } }, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(0);
      harness.exec.wait().subscribe((outcome) => outcomes.push(outcome));
    });
    expect(outcomes).toEqual([
      { kind: 'exited', code: 0, status: 0, at: 0, forced: false, ioErrors: [], truncated: true },
    ]);
  });
});

describe("C7: a Windows signal is sent with the exec's lifetime, not with the request's", () => {
  const script = { os: 'windows' as const, signals: windowsSignals({ supported: true }) };

  it('is under way still when its command is done and forgotten, and ends with the exec', () => {
    let sending = false;
    const signal = () => {
      sending = true;
      return NEVER.pipe(finalize(() => (sending = false)));
    };
    inMarbles(({ scheduler, flush }) => {
      const harness = makeHarness({ ...script, replies: { 'process.signal': signal } }, scheduler);
      harness.exec.start().subscribe();
      const abort = new AbortController();
      harness.record('kill', harness.exec.kill(15, { abortSignal: abort.signal }));
      abort.abort();
      expect(harness.log.slice(-2)).toEqual(['0 process.signal', '0 kill: done']);
      expect(sending).toBe(true);
      harness.at(5, () => expect(sending).toBe(true));
      harness.at(9, () => harness.process.exit(0));
      flush();
      expect(sending).toBe(false);
    });
  });

  it('lets KILL follow a signal that hangs', () => {
    const log = logOf({ ...script, replies: { 'process.signal': hang } }, (harness) => {
      harness.exec.start().subscribe();
      harness.record('signal', harness.exec.kill(15));
      harness.record('kill', harness.exec.kill(9));
    });
    expect(log.slice(-4)).toEqual(['0 process.signal', '0 signal: done', '0 process.kill', '0 kill: done']);
  });
});

describe('C8: the exit event is tried until it is out', () => {
  it('is delivered when the receiver is back, while the exec was released long before', () => {
    inMarbles(({ scheduler, flush }) => {
      let down = true;
      const out: string[] = [];
      const box = eventOutbox(
        (event) => {
          if (down && event.type === 'TaskExit') throw new Error('down');
          out.push(`${scheduler.now()} ${event.type}`);
          return EMPTY;
        },
        { scheduler, attemptTimeout: 5_000 },
      );
      const harness = makeHarness({ more: { publish: box.publish } }, scheduler);
      harness.exec.start().subscribe();
      harness.at(1, () => harness.process.exit(3));
      harness.at(60_000, () => (down = false));
      flush();
      expect(harness.log.at(-1)).toBe('1 released$');
      expect(out).toEqual(['0 TaskExecStarted', expect.stringMatching(/^6\d{4} TaskExit$/)]);
    });
  });
});
