/**
 * Makes a signal table from what differs between systems: the accepted numbers and names.
 *
 * The common rules are here: how text is parsed, that a number in text follows the rules for numbers, and that an
 * invalid signal is `undefined` rather than an exception.
 */
import type { SignalAction, SignalOptions, SignalTable } from './options.js';

/** The signals that a system accepts. Names are looked up in upper case. */
export interface TakenSignals {
  readonly background: boolean;
  readonly byNumber: Pick<ReadonlyMap<number, SignalAction>, 'get'>;
  readonly byName: Pick<ReadonlyMap<string, SignalAction>, 'get'>;
  /** For the empty string: the system's default stop signal. */
  readonly byDefault: SignalAction;
}

export const makeSignalTable = ({ background, byNumber, byName, byDefault }: TakenSignals): SignalTable => ({
  background,
  forNumber: (signal) => byNumber.get(signal),
  forText: (text) => {
    if (typeof text !== 'string') return undefined;
    if (text === '') return byDefault;
    // A sign and leading zeros are accepted. With spaces, fractions or another base it is a name, and so invalid.
    return /^[+-]?\d+$/.test(text) ? byNumber.get(Number(text)) : byName.get(text.toUpperCase());
  },
});

/** Kills the process: for systems without signals, and for signals that mean it. */
export const killAction: SignalAction = Object.freeze({ kind: 'kill' });

/** Sends a signal of Linux (a number) or Windows (a name). */
export const signalAction = (signal: SignalOptions['Signal']): SignalAction =>
  Object.freeze({ kind: 'signal', options: Object.freeze({ Signal: signal } as SignalOptions) });

/** The numbers that systems without signals accept. Each kills the process. */
export const killNumbers: ReadonlyMap<number, SignalAction> = new Map(
  [6, 9, 15].map((n) => [n, killAction] as const),
);
