/** The user at the other end of a connected unix socket. */
import { libc, orThrow } from '../call/libc.js';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/** A `struct ucred`: pid, uid, gid. It is read at once. */
const credentials = new Uint32Array(3);
const size = new Uint32Array(1);

/** The uid of the process that has listened or connected at the other end, as it was then. */
export const peerUid = (fd: number): number => {
  size[0] = credentials.byteLength;
  orThrow('getsockopt', libc().getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, size));
  return credentials[1]!;
};
