/**
 * Makes a signal table out of what differs between systems: which numbers they take, and which names.
 *
 * What does not differ is kept here: how text is read, that numbers in text follow the rules for numbers, and that
 * nonsense is refused by answering `undefined`, never by throwing.
 */
import type { SignalAction, SignalOptions, SignalTable } from './options.js';

/** What a system takes. Names are asked for in upper case. */
export interface TakenSignals {
  readonly background: boolean;
  readonly byNumber: ReadonlyMap<number, SignalAction>;
  readonly byName: Pick<ReadonlyMap<string, SignalAction>, 'get'>;
  /** For the empty text: the system's own way to stop. */
  readonly byDefault: SignalAction;
}

export const makeSignalTable = ({ background, byNumber, byName, byDefault }: TakenSignals): SignalTable => ({
  background,
  forNumber: (signal) => byNumber.get(signal),
  forText: (text) => {
    if (typeof text !== 'string') return undefined;
    if (text === '') return byDefault;
    // A sign and leading zeros are fine; spaces, fractions and other bases make it a name, and so nonsense.
    return /^[+-]?\d+$/.test(text) ? byNumber.get(Number(text)) : byName.get(text.toUpperCase());
  },
});

/** Ends the process: for systems that cannot signal, and for signals that mean just that. */
export const killAction: SignalAction = Object.freeze({ kind: 'kill' });

/** Sends a signal of Linux (a number) or Windows (a name). */
export const signalAction = (signal: SignalOptions['Signal']): SignalAction =>
  Object.freeze({ kind: 'signal', options: Object.freeze({ Signal: signal } as SignalOptions) });

/** The numbers that systems without signals still take, all of them as an order to end the process. */
export const killNumbers: ReadonlyMap<number, SignalAction> = new Map(
  [6, 9, 15].map((n) => [n, killAction] as const),
);
