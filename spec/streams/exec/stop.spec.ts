/** Stopping gracefully: asked first, given some time, then ended; and it says which of these did it. */
import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { signaled } from '../../../src/hcs/contract/exit-code.js';
import { linuxSignals } from '../../../src/hcs/signals/linux.js';
import { windowsSignals } from '../../../src/hcs/signals/windows.js';
import type { StopOptions } from '../../../src/streams/exec/interface.js';
import { type Harness, hang, play, refuse, type Script, slow } from './harness.js';

/** What came of stopping a running exec: the log from there on, without what every end has in common. */
const stopping = (
  script: Script,
  act: (harness: Harness) => void,
  options: StopOptions = { grace: 100 },
): readonly string[] =>
  play(script, (harness) => {
    harness.exec.start().subscribe();
    stop(harness, options);
    act(harness);
  }).log.filter((line) => / (process\.(kill|signal)|stopped|exit\$)/.test(line));

const stop = ({ exec, note }: Harness, options?: StopOptions): void => {
  exec.stop(options).subscribe({
    next: ({ by, status, forced }) => note(`stopped by ${by} → ${status}${forced ? ', forced' : ''}`),
    error: (error) => note(`stopped: ${error}`),
  });
};

const killed = (harness: Harness) => (): void =>
  harness.process.exit({ kind: 'signaled', signal: 9, code: 137 });

describe('stopping', () => {
  it('asks with SIGTERM and waits for the release', () => {
    const sent: unknown[] = [];
    const { log } = play({ replies: { 'upstream.close': slow(20) } }, (harness) => {
      harness.exec.start().subscribe();
      const { signal } = harness.process;
      Object.assign(harness.process, {
        signal: (options: never) => {
          sent.push(options);
          return signal(options);
        },
      });
      stop(harness);
      harness.at(30, () => harness.process.exit(143));
    });
    expect(log).toContain('30 upstream.close');
    expect(log.at(-1)).toBe('50 stopped by signal → 143');
    expect(sent).toEqual([{ Signal: 15 }]);
  });

  it('ends what does not comply when its grace is over', () => {
    const log = stopping({}, (harness) => harness.at(103, killed(harness)));
    expect(log).toEqual([
      '0 process.signal',
      '100 process.kill',
      '103 exit$ signaled 9 → 137',
      '103 stopped by kill → 137',
    ]);
  });

  it('sends nothing with signal 0, to what was asked another way, and gives it its grace', () => {
    const complies = stopping({}, ({ at, process }) => at(20, () => process.exit(signaled(2))), {
      signal: 0,
    });
    expect(complies).toEqual(['20 exit$ signaled 2 → 130', '20 stopped by signal → 130']);

    const deaf = stopping({}, (harness) => harness.at(103, killed(harness)), { signal: 0, grace: 100 });
    expect(deaf).toEqual(['100 process.kill', '103 exit$ signaled 9 → 137', '103 stopped by kill → 137']);
  });

  describe('with a signal that may have reached the process another way', () => {
    const asked = (reached: boolean, script: Script = {}) => {
      const reached$ = new Subject<boolean>();
      return stopping(
        script,
        (harness) => {
          harness.at(20, () => reached$.next(reached));
          harness.at(103, killed(harness));
        },
        { grace: 100, reached$ },
      );
    };
    const kills = ['100 process.kill', '103 exit$ signaled 9 → 137', '103 stopped by kill → 137'];

    it('sends it only if it has not, and the grace begins at once', () => {
      expect(asked(true)).toEqual(kills);
      expect(asked(false)).toEqual(['20 process.signal', ...kills]);
    });

    it('gives no more grace if it cannot be sent', () => {
      expect(asked(false, { replies: { 'process.signal': refuse() } })).toEqual([
        '20 process.signal',
        '20 process.kill',
        '103 exit$ signaled 9 → 137',
        '103 stopped by kill → 137',
      ]);
    });

    it('sends nothing to a process that has exited before that is known', () => {
      const reached$ = new Subject<boolean>();
      const log = stopping(
        {},
        (harness) => {
          harness.at(10, () => harness.process.exit(0));
          harness.at(20, () => reached$.next(false));
        },
        { reached$ },
      );
      expect(log).toEqual(['10 exit$ exited 0 → 0', '10 stopped by signal → 0']);
    });

    it('refuses what is no Observable', () => {
      const log = stopping({}, () => undefined, { reached$: true as never });
      expect(log).toEqual([
        expect.stringContaining('stopped: RxshimError: reached$: expected an Observable'),
      ]);
    });
  });

  it('gives up on what cannot even be killed, and says so', () => {
    expect(stopping({ replies: { 'process.kill': hang } }, () => undefined)).toEqual([
      '0 process.signal',
      '100 process.kill',
      '5100 exit$ lost its end was not reported in time → 137, forced',
      '5100 stopped by kill → 137, forced',
    ]);
  });

  it('is not held up by a signal call that hangs', () => {
    expect(
      stopping({ replies: { 'process.signal': hang } }, (harness) => harness.at(103, killed(harness))),
    ).toEqual([
      '0 process.signal',
      '100 process.kill',
      '103 exit$ signaled 9 → 137',
      '103 stopped by kill → 137',
    ]);
  });

  it('takes the end of the process for the answer to a signal call that hangs', () => {
    expect(
      stopping({ replies: { 'process.signal': hang } }, (harness) =>
        harness.at(30, () => harness.process.exit(0)),
      ),
    ).toEqual(['0 process.signal', '30 exit$ exited 0 → 0', '30 stopped by signal → 0']);
  });

  it('gives no grace to what was not asked, because the signal failed', () => {
    const killedAfter = (first: readonly string[]) => [
      ...first,
      '0 process.kill',
      '3 exit$ signaled 9 → 137',
      '3 stopped by kill → 137',
    ];
    const ends = (harness: Harness) => harness.at(3, killed(harness));
    expect(stopping({ replies: { 'process.signal': refuse() } }, ends)).toEqual(
      killedAfter(['0 process.signal']),
    );
  });

  it('refuses a signal that the system does not take, and stops nothing', () => {
    expect(stopping({}, () => undefined, { signal: 'SIGNONSENSE' })).toEqual([
      expect.stringMatching(/^0 stopped: RxshimError: signal: .*"SIGNONSENSE"/),
    ]);
    expect(
      stopping({ signals: linuxSignals({ supported: false }) }, () => undefined, { signal: 'INT' }),
    ).toHaveLength(1);
  });

  it('ends it at once where the only way to stop is to kill', () => {
    const script = { signals: linuxSignals({ supported: false }) };
    expect(stopping(script, (harness) => harness.at(3, killed(harness)))).toEqual([
      '0 process.kill',
      '3 exit$ signaled 9 → 137',
      '3 stopped by signal → 137',
    ]);
  });

  it('asks a Windows process with CtrlShutdown, in the background', () => {
    const script: Script = {
      os: 'windows',
      signals: windowsSignals({ supported: true }),
      replies: { 'process.signal': hang },
    };
    expect(stopping(script, (harness) => harness.at(103, killed(harness)))).toEqual([
      '0 process.signal',
      '100 process.kill',
      '103 exit$ signaled 9 → 137',
      '103 stopped by kill → 137',
    ]);
  });

  it('gives ten seconds by default, and none on request', () => {
    expect(stopping({}, () => undefined, {})[1]).toBe('10000 process.kill');
    expect(stopping({}, () => undefined, { grace: 0 })[1]).toBe('0 process.kill');
  });

  it('says that one had ended by itself', () => {
    const log = play({}, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(3);
      stop(harness);
    }).log;
    expect(log.at(-1)).toBe('0 stopped by itself → 3');
    expect(log).not.toContain('0 process.signal');
  });

  it('waits for the release also of one that had ended by itself', () => {
    const log = play({ replies: { 'upstream.close': slow(20) } }, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(3);
      stop(harness);
    }).log;
    expect(log.at(-1)).toBe('20 stopped by itself → 3');
  });

  it('discards one that was never started', () => {
    const log = play({}, (harness) => stop(harness)).log;
    expect(log.at(-1)).toBe('0 stopped by itself → 1');
    expect(log).not.toContain('0 container.createProcess');
  });

  it('signals one that is being started as soon as it runs, and says so', () => {
    const log = play({ replies: { 'container.createProcess': slow(10) } }, (harness) => {
      harness.exec.start().subscribe();
      harness.at(5, () => stop(harness, { grace: 100 }));
      harness.at(12, () => harness.process.exit(signaled(15)));
    }).log;
    expect(log).toContain('10 process.signal');
    expect(log.at(-1)).toBe('12 stopped by signal → 143');
  });

  it('ends one whose start hangs, after the grace and the bound of a forced exit', () => {
    const log = play({ replies: { 'container.createProcess': hang } }, (harness) => {
      harness.exec.start().subscribe({ error: () => undefined });
      stop(harness, { grace: 100 });
    }).log;
    expect(log.at(-1)).toBe('5100 stopped by kill → 137, forced');
  });

  it('may be asked for by many: one signal each, one end', () => {
    const log = stopping({}, (harness) => {
      stop(harness, { grace: 50 });
      harness.at(60, killed(harness));
    });
    expect(log).toEqual([
      '0 process.signal',
      '0 process.signal',
      '50 process.kill',
      '60 exit$ signaled 9 → 137',
      '60 stopped by signal → 137',
      '60 stopped by kill → 137',
    ]);
  });

  it('kills nothing after the process has exited', () => {
    const { log, scheduler } = play({}, (harness) => {
      harness.exec.start().subscribe();
      stop(harness, { grace: 100 });
      harness.at(30, () => harness.process.exit(0));
    });
    expect(log).not.toContain('100 process.kill');
    expect(scheduler.now()).toBe(30);
  });
});
