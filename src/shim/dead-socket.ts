/** The socket of a daemon that was killed before it could remove it. */
import { readFileSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const scheme = 'unix://';

/** Removes the socket that a bundle's `address` names, unless somebody listens there. */
export const removeDeadSocket = async (bundle: string): Promise<void> => {
  const path = socketOf(bundle);
  if (path !== undefined && (await isRefused(path))) unlinkSync(path);
};

const socketOf = (bundle: string): string | undefined => {
  try {
    const address = readFileSync(join(bundle, 'address'), 'utf8').trim();
    return address.startsWith(scheme) ? address.slice(scheme.length) : undefined;
  } catch {
    return undefined;
  }
};

const isRefused = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
