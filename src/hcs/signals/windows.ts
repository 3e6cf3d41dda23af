/**
 * Which signals a Windows container takes: the console's control events, under their own names and under the POSIX
 * numbers that containerd sends.
 *
 * Windows has no signal that cannot be caught: KILL ends the process instead.
 */
import { killAction, killNumbers, makeSignalTable, signalAction } from './make-table.js';
import type { SignalTable } from './options.js';

/**
 * The table of a Windows container; the empty text means `CtrlShutdown`.
 *
 * Signals are sent in the background where they are sent at all: some images answer one only when its target is dead,
 * and whoever sent it must be able to follow up with KILL.
 *
 * @param guest `supported`: whether its processes can be signalled at all (see `signalsSupported`). If not, only
 *   6, 9 and 15 are taken by number, CTRLSHUTDOWN, TERM and KILL by name, and each ends the process.
 */
export const windowsSignals = ({ supported }: { readonly supported: boolean }): SignalTable =>
  supported ? signalling : killing;

const ctrlC = signalAction('CtrlC');
const ctrlBreak = signalAction('CtrlBreak');
const ctrlClose = signalAction('CtrlClose');
const ctrlLogOff = signalAction('CtrlLogOff');
const ctrlShutdown = signalAction('CtrlShutdown');

const signalling = makeSignalTable({
  background: true,
  // The low numbers are those of the events in the Windows headers, not POSIX signals of that number.
  byNumber: new Map([
    [0, ctrlC],
    [1, ctrlBreak],
    [2, ctrlClose],
    [5, ctrlLogOff],
    [6, ctrlShutdown],
    [9, killAction],
    [15, ctrlShutdown],
  ]),
  byName: new Map([
    ['CTRLC', ctrlC],
    ['CTRLBREAK', ctrlBreak],
    ['CTRLCLOSE', ctrlClose],
    ['CTRLLOGOFF', ctrlLogOff],
    ['CTRLSHUTDOWN', ctrlShutdown],
    ['TERM', ctrlShutdown],
    ['KILL', killAction],
  ]),
  byDefault: ctrlShutdown,
});

const killing = makeSignalTable({
  background: false,
  byNumber: killNumbers,
  byName: new Map([
    ['CTRLSHUTDOWN', killAction],
    ['TERM', killAction],
    ['KILL', killAction],
  ]),
  byDefault: killAction,
});
