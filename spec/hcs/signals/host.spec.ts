import { constants } from 'node:os';
import { platform } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { hostSignals } from '../../../src/hcs/signals/host.js';
import { signalNumbers } from '../../../src/hcs/signals/names.js';
import { refusesNonsense, send } from './table-cases.js';

const prefixed = (numbers: Iterable<readonly [string, number]>) =>
  Object.fromEntries([...numbers].map(([name, number]) => [`SIG${name}`, number]));

describe('signals of a Linux host', () => {
  const table = hostSignals({ signals: prefixed(signalNumbers), realTime: true });

  refusesNonsense(table);

  it('include every number from 1 to 64 and no other', () => {
    const range = Array.from({ length: 302 }, (_, index) => index - 2);
    const expected = range.map((n) => (n >= 1 && n <= 64 ? send(n) : undefined));
    expect(range.map((n) => table.forNumber(n))).toEqual(expected);
    expect(range.map((n) => table.forText(String(n)))).toEqual(expected);
  });

  it.each([...signalNumbers])('include %s as %i, with or without SIG, in any case', (name, number) => {
    for (const text of [name, `SIG${name}`, name.toLowerCase(), `sig${name.toLowerCase()}`, `Sig${name}`]) {
      expect(table.forText(text)).toEqual(send(number));
    }
  });

  it.each([
    ['RTMIN', 34],
    ['SIGRTMIN', 34],
    ['rtmin+0', 34],
    ['RTMIN+1', 35],
    ['sigrtmin+15', 49],
    ['RTMIN+30', 64],
    ['RTMAX', 64],
    ['SIGRTMAX-0', 64],
    ['RTMAX-1', 63],
    ['RTMAX-14', 50],
    ['RTMAX-30', 34],
  ])('include %s as %i', (name, number) => {
    expect(table.forText(name)).toEqual(send(number));
  });

  it.each([
    'RTMIN+31',
    'RTMAX-31',
    'RTMIN-1',
    'RTMAX+1',
    'RTMIN+',
    'RTMAX-',
    'RTMIN1',
    'RTMIN+1.5',
    'RTMIN+-1',
    'RT',
    'RTM',
  ])('do not include %s', (name) => {
    expect(table.forText(name)).toBeUndefined();
  });

  it.each(['SIG', 'SIGSIGTERM', 'SIG15', 'SIG 15', 'CTRLC'])('do not include %s', (name) => {
    expect(table.forText(name)).toBeUndefined();
  });

  it('mean TERM when none is named', () => {
    expect(table.forText('')).toEqual(send(15));
  });

  it('are answered in the foreground', () => {
    expect(table.background).toBe(false);
  });
});

describe('signals of another kernel', () => {
  // Some of what macOS has.
  const table = hostSignals({
    signals: { SIGBUS: 10, SIGCHLD: 20, SIGIO: 23, SIGINFO: 29, SIGUSR1: 30 },
    realTime: false,
  });

  it.each([
    ['USR1', 30],
    ['SIGBUS', 10],
    ['INFO', 29],
    ['CLD', 20],
    ['POLL', 23],
  ])('go by its own numbers: %s is %i', (name, number) => {
    expect(table.forText(name)).toEqual(send(number));
  });

  it('end at 31', () => {
    expect(table.forNumber(31)).toEqual(send(31));
    expect(table.forNumber(32)).toBeUndefined();
    expect(table.forText('RTMIN')).toBeUndefined();
    expect(table.forText('RTMAX')).toBeUndefined();
  });

  it('lack the names that it lacks', () => {
    expect(table.forText('PWR')).toBeUndefined();
    expect(table.forText('IOT')).toBeUndefined();
  });
});

describe('signals of this host', () => {
  const table = hostSignals();

  it('are one table, since every container asks for it', () => {
    expect(hostSignals()).toBe(table);
  });

  it.each(Object.entries(constants.signals))('include %s as %i', (name, number) => {
    expect(table.forText(name)).toEqual(send(number));
  });

  it('are real-time too just on Linux', () => {
    expect(table.forNumber(64)).toEqual(platform === 'linux' ? send(64) : undefined);
  });
});
