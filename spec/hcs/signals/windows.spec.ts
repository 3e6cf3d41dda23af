import { describe, expect, it } from '@jest/globals';
import { windowsSignals } from '../../../src/hcs/signals/windows.js';
import { kill, matchesWhatWasObserved, observed, send } from './table-cases.js';

describe('a Windows container that takes signals', () => {
  const table = windowsSignals({ supported: true });

  matchesWhatWasObserved(table, observed.windowsSignalsSupported);

  it.each([
    ['CTRLC', send('CtrlC')],
    ['CtrlC', send('CtrlC')],
    ['ctrlbreak', send('CtrlBreak')],
    ['CTRLCLOSE', send('CtrlClose')],
    ['CTRLLOGOFF', send('CtrlLogOff')],
    ['CTRLSHUTDOWN', send('CtrlShutdown')],
    ['TERM', send('CtrlShutdown')],
    ['term', send('CtrlShutdown')],
    ['KILL', kill],
    ['', send('CtrlShutdown')],
  ])('takes %j', (name, action) => {
    expect(table.forText(name)).toEqual(action);
  });

  it.each(['HUP', 'INT', 'SIGTERM', 'SIGKILL', 'CTRL_C', 'CTRL-C'])('refuses %s', (name) => {
    expect(table.forText(name)).toBeUndefined();
  });

  it('has its signals sent in the background, for they may be answered only at death', () => {
    expect(table.background).toBe(true);
  });
});

describe('a Windows container that takes no signals', () => {
  const table = windowsSignals({ supported: false });

  matchesWhatWasObserved(table, observed.windowsNotSupported);

  it.each(['', 'CTRLSHUTDOWN', 'CtrlShutdown', 'TERM', 'KILL'])('is ended by %j', (name) => {
    expect(table.forText(name)).toEqual(kill);
  });

  it.each(['CTRLC', 'CTRLBREAK', 'CTRLCLOSE', 'CTRLLOGOFF', 'SIGTERM'])('refuses %s', (name) => {
    expect(table.forText(name)).toBeUndefined();
  });

  it('is ended in the foreground', () => {
    expect(table.background).toBe(false);
  });
});
