/**
 * The signals of a Windows container: the console control events, by their own names and by the POSIX numbers that
 * containerd sends.
 *
 * Windows has no signal that cannot be caught, so KILL terminates the process instead.
 */
import { killAction, killNumbers, makeSignalTable, signalAction } from './make-table.js';
import type { SignalTable } from './options.js';

/**
 * The signal table of a Windows container. The empty string means `CtrlShutdown`.
 *
 * Signals are sent in the background: some images answer one only when the target has exited, and the sender must be
 * able to follow up with KILL.
 *
 * @param guest `supported`: whether its processes can be signalled (see `signalsSupported`). If not, only 6, 9 and 15
 * are accepted by number, CTRLSHUTDOWN, TERM and KILL by name, and each kills the process.
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
  // The low numbers are event numbers of the Windows headers, not POSIX signals.
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
