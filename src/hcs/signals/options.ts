/**
 * The form of a signal for an engine, and the table of the signals that a system accepts.
 *
 * A table is chosen once for a system (by guest OS, host build and the guest's capabilities), so the sender of a signal
 * needs no knowledge of platforms.
 */

/** The names of signals in the Windows Host Compute Service. */
export type WindowsSignal = 'CtrlC' | 'CtrlBreak' | 'CtrlClose' | 'CtrlLogOff' | 'CtrlShutdown';

/** The document sent with a signal: a number for Linux, a name for Windows. */
export type SignalOptions = { readonly Signal: number } | { readonly Signal: WindowsSignal };

/** How a signal is performed: sent with options, or by killing the process if the system has no such signal. */
export type SignalAction =
  | { readonly kind: 'signal'; readonly options: SignalOptions }
  | { readonly kind: 'kill' };

/** Which signals a system takes, and in what form. */
export interface SignalTable {
  /**
   * Whether the answer to a signal may take until the process has exited, as on Windows. Such signals are sent in the
   * background and count as delivered at once.
   */
  readonly background: boolean;
  /** The action for a signal number. `undefined` if the system does not accept it. */
  forNumber(signal: number): SignalAction | undefined;
  /** The same for a name, or a number as text. The empty string means the system's default stop signal. */
  forText(signal: string): SignalAction | undefined;
}
