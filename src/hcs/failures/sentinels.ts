/**
 * Failures that have no number, only a name and a text: what the layer above the Host Compute Service says itself.
 *
 * They are told by their `sentinel`, not by identity, so that each has a stack trace of its own and several copies of
 * this module in one program agree.
 */

/** Every sentinel with its text. */
export const hcsSentinels = {
  handleClose: 'hcsshim: the handle generating this notification has been closed',
  alreadyClosed: 'hcsshim: the handle has already been closed',
  invalidNotificationType: 'hcsshim: invalid notification type',
  invalidProcessState: 'the process is in an invalid state for the attempted operation',
  timeout: 'hcsshim: timeout waiting for notification',
  unexpectedContainerExit: 'unexpected container exit',
  unexpectedProcessAbort: 'lost communication with compute service',
  unexpectedValue: 'unexpected value returned from hcs',
  operationDenied: 'operation denied',
  platformNotSupported: 'unsupported platform request',
} as const;

export type HcsSentinel = keyof typeof hcsSentinels;

export interface HcsSentinelError extends Error {
  readonly sentinel: HcsSentinel;
}

/**
 * A failure that has only a name.
 *
 * @example throw processError('hcs::Process::Signal', id, pid, hcsSentinelError('alreadyClosed'))
 */
export const hcsSentinelError = (sentinel: HcsSentinel, cause?: unknown): HcsSentinelError =>
  Object.assign(new Error(hcsSentinels[sentinel], cause === undefined ? undefined : { cause }), { sentinel });

/** Whether an error is, itself, the given sentinel. */
export const isSentinel =
  (sentinel: HcsSentinel) =>
  (error: unknown): error is HcsSentinelError =>
    typeof error === 'object' && error !== null && (error as Partial<HcsSentinelError>).sentinel === sentinel;
