/**
 * The signals of processes on a Windows host. There is one thing that can be done to a process there from outside, and
 * every signal that asks for an end means it.
 */
import { killAction, makeSignalTable } from '../../signals/make-table.js';
import type { SignalTable } from '../../signals/options.js';

const ending = new Map([
  ['HUP', 1],
  ['INT', 2],
  ['QUIT', 3],
  ['KILL', 9],
  ['TERM', 15],
  ['BREAK', 21],
]);

/** As Node has them on Windows: each ends the process at once. With or without `SIG`; the empty text means `TERM`. */
export const windowsHostSignals = (): SignalTable =>
  makeSignalTable({
    background: false,
    byNumber: new Map([...ending.values()].map((number) => [number, killAction])),
    byName: { get: (name) => (ending.has(name.replace(/^SIG/, '')) ? killAction : undefined) },
    byDefault: killAction,
  });
