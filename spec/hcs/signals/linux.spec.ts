import { describe, expect, it } from '@jest/globals';
import { linuxSignals } from '../../../src/hcs/signals/linux.js';
import { signalNumbers } from '../../../src/hcs/signals/names.js';
import { kill, matchesWhatWasObserved, observed, send } from './table-cases.js';

describe('a Linux container whose guest takes signals', () => {
  const table = linuxSignals({ supported: true });

  matchesWhatWasObserved(table, observed.linuxSignalsSupported);

  it.each([...signalNumbers])('takes %s as %i, in any case', (name, number) => {
    expect(table.forText(name)).toEqual(send(number));
    expect(table.forText(name.toLowerCase())).toEqual(send(number));
  });

  it('takes KILL as a signal like any other', () => {
    expect(table.forNumber(9)).toEqual(send(9));
  });

  it('is stopped by TERM', () => {
    expect(table.forText('')).toEqual(send(15));
  });

  it.each(['SIGTERM', 'RTMIN', 'CTRLC', 'CTRLSHUTDOWN'])('refuses %s', (name) => {
    expect(table.forText(name)).toBeUndefined();
  });

  it('answers signals in the foreground', () => {
    expect(table.background).toBe(false);
  });
});

describe('a Linux container whose guest takes no signals', () => {
  const table = linuxSignals({ supported: false });

  matchesWhatWasObserved(table, observed.linuxNotSupported);

  it.each(['', 'TERM', 'term', 'KILL', 'kIlL'])('is ended by %j', (name) => {
    expect(table.forText(name)).toEqual(kill);
  });

  it.each(['HUP', 'ABRT', 'INT', 'SIGKILL'])('refuses %s', (name) => {
    expect(table.forText(name)).toBeUndefined();
  });

  it('is ended in the foreground', () => {
    expect(table.background).toBe(false);
  });
});
