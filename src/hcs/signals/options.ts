/**
 * What a signal looks like to an engine, and the table that says which signals a system takes.
 *
 * A table is chosen once for a system (by guest OS, host build and what the guest advertises), so that whoever sends a
 * signal needs to know nothing of platforms.
 */

/** The names under which the Windows Host Compute Service takes signals. */
export type WindowsSignal = 'CtrlC' | 'CtrlBreak' | 'CtrlClose' | 'CtrlLogOff' | 'CtrlShutdown';

/** The document sent with a signal: a number for Linux, a name for Windows. */
export type SignalOptions = { readonly Signal: number } | { readonly Signal: WindowsSignal };

/** How a signal is carried out: sent with options, or, where there is no such signal, by ending the process. */
export type SignalAction =
  | { readonly kind: 'signal'; readonly options: SignalOptions }
  | { readonly kind: 'kill' };

export interface SignalTable {
  /**
   * Whether a signal may take until the process has died to be answered, as on Windows. Such signals are sent in the
   * background: they count as delivered at once.
   */
  readonly background: boolean;
  /** The action for a signal number; `undefined` when the system does not take that signal. */
  forNumber(signal: number): SignalAction | undefined;
  /** The same for a name or a number as text; the empty text asks for the system's own way to stop. */
  forText(signal: string): SignalAction | undefined;
}
