/**
 * Which signals a Linux container in a utility VM takes, as the Host Compute Service lets them through.
 *
 * The guest takes more (real-time signals, say); what it is offered is these. Systems that signal processes of this
 * very host have their own table, `host-signals.ts`.
 */
import { killAction, killNumbers, makeSignalTable, signalAction } from './make-table.js';
import { signalNumbers } from './names.js';
import type { SignalTable } from './options.js';

/**
 * The table of a Linux container. Names have no `SIG` prefix; the empty text means `TERM`.
 *
 * @param guest `supported`: whether its processes can be signalled at all (see `signalsSupported`). If not, only
 *   ABRT, KILL and TERM are taken by number, KILL and TERM by name, and each ends the process.
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
