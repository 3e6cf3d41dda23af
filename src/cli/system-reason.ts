/** The reason of a failed system call in words, without the call, its path and its code, which Node puts around them. */
import { messageOf } from '../hcs/failures/errors.js';

/** @example `no space left on device` for `ENOSPC: no space left on device, write` */
export const systemReason = (error: unknown): string =>
  /^E[A-Z0-9]+: (.*?), \w+(?: '.*')?$/s.exec(messageOf(error))?.[1] ?? messageOf(error);

/** @example `open /run/x: permission denied` */
export const systemMessage = (error: unknown): string => {
  const { syscall, path, code } = error as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return messageOf(error);
  return `${[syscall, path].filter(Boolean).join(' ')}: ${systemReason(error)}`;
};
