/**
 * Sends a signal to a process of this host, with typed errors.
 */
import type { Delivery } from '../../contract/compute-process.js';
import { invalid, messageOf, RxshimError } from '../../failures/errors.js';

/** @throws RxshimError `invalidArgument` if it is no signal number. */
export const signalNumber = (signal: unknown): number => {
  if (!Number.isInteger(signal) || signal === 0) throw invalid('Signal', signal, 'the number of a signal');
  return signal as number;
};

/**
 * @param send returns whether the process exists.
 * @throws RxshimError `failedPrecondition` without permission, `invalidArgument` for an unknown signal.
 */
export const sendSignal = (
  pid: number,
  signal: number,
  send: (signal: number) => boolean = (number) => killed(pid, number),
): Delivery => {
  try {
    return send(signal) ? 'delivered' : 'notDelivered';
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EINVAL') throw invalid('Signal', signal, 'a signal of this kernel', cause);
    throw new RxshimError('failedPrecondition', `signal ${signal} to ${pid}: ${messageOf(cause)}`, { cause });
  }
};

/** Returns whether the process exists. Throws any other failure. */
export const killed = (pid: number, signal: number): boolean => {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};
