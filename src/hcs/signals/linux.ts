/**
 * The signals of a Linux container in a utility VM that the Host Compute Service accepts.
 *
 * The guest supports more (real-time signals, for example), but these are all that it gets. Systems that signal
 * processes of this host have their own table, `host.ts`.
 */
import { killAction, killNumbers, makeSignalTable, signalAction } from './make-table.js';
import { signalNumbers } from './names.js';
import type { SignalTable } from './options.js';

/**
 * The signal table of a Linux container. Names have no `SIG` prefix; the empty string means `TERM`.
 *
 * @param guest `supported`: whether its processes can be signalled (see `signalsSupported`). If not, only ABRT, KILL
 * and TERM are accepted by number, KILL and TERM by name, and each kills the process.
 */
export const linuxSignals = ({ supported }: { readonly supported: boolean }): SignalTable =>
  supported ? signalling : killing;

const named = new Map([...signalNumbers].map(([name, signal]) => [name, signalAction(signal)] as const));

const signalling = makeSignalTable({
  background: false,
  byNumber: new Map([...signalNumbers.values()].map((signal) => [signal, signalAction(signal)] as const)),
  byName: named,
  byDefault: signalAction(15),
});

const killing = makeSignalTable({
  background: false,
  byNumber: killNumbers,
  byName: new Map([
    ['TERM', killAction],
    ['KILL', killAction],
  ]),
  byDefault: killAction,
});
