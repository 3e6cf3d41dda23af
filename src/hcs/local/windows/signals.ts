/**
 * The signals of processes on a Windows host. Another process can only be killed there, so every signal that requests
 * an end does that.
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

/** As in Node on Windows: each kills the process. With or without `SIG`; the empty string means `TERM`. */
export const windowsHostSignals = (): SignalTable =>
  makeSignalTable({
    background: false,
    byNumber: new Map([...ending.values()].map((number) => [number, killAction])),
    byName: { get: (name) => (ending.has(name.replace(/^SIG/, '')) ? killAction : undefined) },
    byDefault: killAction,
  });
