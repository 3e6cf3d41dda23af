/** What an exec logs, and that it does nothing for a disabled log. */
import { describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { unknownExit } from '../../../src/hcs/contract/exit-code.js';
import { windowsSignals } from '../../../src/hcs/signals/windows.js';
import type { Logger } from '../../../src/streams/log.js';
import { type Harness, hang, play, refuse, type Script } from './harness.js';

type Line = readonly [level: string, text: string, fields: Record<string, unknown>];

/** A log that keeps its lines, each with what was bound to it. */
const keeping = () => {
  const lines: Line[] = [];
  let children = 0;
  const bound = (bindings: Record<string, unknown>): Logger => {
    const at =
      (level: string) =>
      (...[first, second]: readonly unknown[]) =>
        typeof first === 'string'
          ? lines.push([level, first, bindings])
          : lines.push([level, String(second), { ...bindings, ...(first as object) }]);
    return {
      // Every fact; see the last spec.
      trace: () => undefined,
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      isLevelEnabled: () => true,
      child: (more: Record<string, unknown>) => {
        children += 1;
        return bound({ ...bindings, ...more });
      },
    } as unknown as Logger;
  };
  return { log: bound({}), lines, children: () => children };
};

const logged = (script: Script, act: (harness: Harness) => void) => {
  const { log, lines, children } = keeping();
  play({ ...script, more: { log } }, act);
  return { lines, children: children() };
};

describe('the log of an exec', () => {
  it('names the exec and its task on every line, bound once', () => {
    const { lines, children } = logged({}, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(3);
    });
    expect(lines).toEqual([
      ['debug', 'newHcsExec', { tid: 't', eid: 'e', bundle: '/bundle', wcow: false }],
      ['debug', 'exited', { tid: 't', eid: 'e', exitCode: 3 }],
    ]);
    expect(children).toBe(1);
  });

  const own = { tid: 't', eid: 'e' };
  const error = new Error('no');
  const windows: Script = { os: 'windows', signals: windowsSignals({ supported: true }) };
  const signalled = (harness: Harness) => {
    harness.exec.start().subscribe();
    harness.exec.kill(15).subscribe({ error: () => undefined });
    harness.at(5, () => harness.process.exit(0));
  };

  it.each<[string, Script, (harness: Harness) => void, Line]>([
    [
      'a discarded exec',
      {},
      ({ exec }) => exec.kill(9).subscribe(),
      ['debug', 'hcsExec::exitFromCreatedL', { ...own, status: 1 }],
    ],
    [
      'a wait that fails',
      { processExit$: refuse(error)({} as never) },
      ({ exec }) => exec.start().subscribe(),
      ['error', 'failed process Wait', { ...own, err: error }],
    ],
    [
      'an exit event that cannot be published',
      { replies: { 'publish TaskExit': refuse(error) } },
      (harness) => {
        harness.exec.start().subscribe();
        harness.process.exit(0);
      },
      ['warn', 'failed to publish TaskExitEvent', { ...own, err: error }],
    ],
    [
      'an upstream that does not close',
      { replies: { 'upstream.close': hang } },
      ({ exec }) => exec.kill(9).subscribe(),
      ['warn', 'failed to close the upstream', { ...own, err: 'no answer in time' }],
    ],
    [
      'output that was cut',
      { stdio: ['stdout'] },
      (harness) => {
        harness.exec.start().subscribe();
        harness.process.exit(0);
      },
      ['warn', 'timed out waiting for stdio relay', { ...own, timeout: 1000 }],
    ],
    [
      'a Windows signal that failed, whose sender has had its answer',
      { ...windows, replies: { 'process.signal': refuse(error) } },
      signalled,
      ['error', 'Error in delivering signal 15, to pid: 4711', { ...own, err: error }],
    ],
    [
      'a Windows signal that reached no process',
      { ...windows, replies: { 'process.signal': () => of('alreadyStopped') } },
      signalled,
      ['error', "Error: NotFound; exec: 'e' in task: 't' not found", own],
    ],
  ])('logs %s', (_, script, act, line) => {
    expect(logged(script, act).lines).toContainEqual(line);
  });

  it('says nothing of an exit code that there is not', () => {
    const { lines } = logged({}, (harness) => {
      harness.exec.start().subscribe();
      harness.process.exit(unknownExit('lost'));
    });
    expect(lines).toContainEqual(['debug', 'exited', { ...own, exitCode: undefined }]);
  });

  it.each([
    ['a signal whose error its sender receives', {}, { 'process.signal': refuse(error) }],
    ['a Windows signal that the exit answered', windows, { 'process.signal': hang }],
    ['a Windows signal that was delivered', windows, {}],
  ])('makes no error of %s', (_, script, replies) => {
    const { lines } = logged({ ...script, replies }, signalled);
    expect(lines.filter(([level]) => level !== 'debug')).toEqual([]);
  });
});

describe('without a log', () => {
  it('nothing is formatted: the whole life runs with a log that must not be touched', () => {
    // What would be logged is made only behind `log?.`, so that a value that cannot be read is never read.
    const unreadable = {
      toString: () => {
        throw new Error('formatted');
      },
      toJSON: () => {
        throw new Error('formatted');
      },
    };
    const { log } = play(
      { replies: { 'process.signal': refuse(unreadable), 'upstream.close': refuse(unreadable) } },
      (harness) => {
        harness.exec.start().subscribe();
        harness.exec.kill(15).subscribe({ error: () => undefined });
        harness.process.exit(0);
      },
    );
    expect(log.at(-1)).toBe('0 released$');
  });
});
