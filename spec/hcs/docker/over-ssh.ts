/** A daemon as if on another host: an `ssh` comes first in PATH that connects to a socket of this one. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Does what `docker system dial-stdio` does. */
const relay = (socket: string): string => `#!${process.execPath}
const socket = require('node:net').connect({ path: ${JSON.stringify(socket)}, allowHalfOpen: true });
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.on('error', () => process.exit(1));
// Ends with the daemon's side, also while its input is open.
socket.on('end', () => process.stdout.write('', () => process.exit(0)));
`;

/** Runs the command that follows the host, as sshd does: that of the docker command, with its daemon. */
const remoteShell = (socket: string): string => `#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift 2
DOCKER_HOST='unix://${socket}' exec "$@"
`;

/** @param asSshd whether the command that it is given is run; it is the same without the docker command otherwise. */
export const overSsh = (socket: string, asSshd = false): { readonly host: string; close(): void } => {
  const folder = mkdtempSync(join(tmpdir(), 'rx-ssh-'));
  const path = process.env['PATH'];
  writeFileSync(join(folder, 'ssh'), asSshd ? remoteShell(socket) : relay(socket));
  chmodSync(join(folder, 'ssh'), 0o755);
  process.env['PATH'] = `${folder}${delimiter}${path}`;
  return {
    host: 'ssh://user@remote.example',
    close: () => {
      process.env['PATH'] = path;
      rmSync(folder, { recursive: true });
    },
  };
};
