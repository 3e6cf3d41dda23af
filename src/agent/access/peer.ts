/**
 * Checks the user at the other end of a unix socket. The kernel reports the uid of the process that listens.
 */
import type { Socket } from 'node:net';
import { RxshimError } from '../../hcs/failures/errors.js';
import { peerUid } from '../../hcs/native/index.js';

/** The uids that an agent accepts by default: its own, and root. */
const acceptedByDefault = (): readonly number[] => [process.getuid?.() ?? 0, 0];

/** @throws RxshimError `permissionDenied` if the socket is that of another user. */
export const requirePeer = (socket: Socket, uids?: readonly number[]): void => {
  if (process.platform !== 'linux') return;
  const { fd } = (socket as unknown as { readonly _handle: { readonly fd: number } })._handle;
  requirePeerOf(fd, uids);
};

/** The same for a descriptor. */
export const requirePeerOf = (fd: number, uids: readonly number[] = acceptedByDefault()): void => {
  const uid = peerUid(fd);
  if (uids.includes(uid)) return;
  const accepted = [...new Set(uids)].join(', ');
  throw new RxshimError('permissionDenied', `refuse a client of uid ${uid}: expected ${accepted}`);
};
