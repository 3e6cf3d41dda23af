/**
 * Reads how a process ended from the ProcessStatus document.
 */
import type { ProcessExit } from '../contract/compute-process.js';
import { exited, unknownExit } from '../contract/exit-code.js';

/** Never throws: an unreadable document is an unknown exit. */
export const exitFrom = (document: string): ProcessExit => {
  if (document === '') return unknownExit('the service reported no exit code');
  const status = parsed(document);
  if (status === undefined) return unknownExit('the service reported the exit in an unreadable document');
  const { ExitCode = 0, LastWaitResult = 0 } = status;
  if (LastWaitResult !== 0)
    return unknownExit(`the service could not wait for the process (${LastWaitResult})`);
  return exited(ExitCode as number);
};

const parsed = (document: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(document);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
