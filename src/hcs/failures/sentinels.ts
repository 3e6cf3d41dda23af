/**
 * Failures without a code, only with a name and a text: those of the layer above the Host Compute Service.
 *
 * They are identified by `sentinel`, not by identity, so that each has its own stack trace and several copies of this
 * module in one program agree.
 */

/** The text of each sentinel. */
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

/** Whether the error itself is the given sentinel. */
export const isSentinel =
  (sentinel: HcsSentinel) =>
  (error: unknown): error is HcsSentinelError =>
    typeof error === 'object' && error !== null && (error as Partial<HcsSentinelError>).sentinel === sentinel;
