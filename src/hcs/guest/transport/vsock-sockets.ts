/**
 * Unix sockets as micro-VM monitors such as Firecracker and Cloud Hypervisor use them for vsock: a guest's connection
 * to port P of its host arrives at the socket `<path>_P`, for the bridge and for stdio.
 */
import { defer, EMPTY } from 'rxjs';
import { bridgePort } from '../protocol/constants.js';
import { listenForBridge, listenForStdio } from './listen-for-stdio.js';
import { listenOnce } from './listen-once.js';
import { reusedPorts } from './reused-ports.js';
import { requireSocketPath } from './socket-path.js';
import type { GuestTransport } from './transport.js';

/**
 * @param path the monitor's option (`uds_path`, `--vsock socket=`), without the port.
 * @throws RxshimError `invalidArgument` for a path that is too long for a socket.
 * @example connectGuest(vsockSockets('/run/vm1/v.sock'))
 */
export const vsockSockets = (path: string): GuestTransport => {
  requireSocketPath('path', `${path}_${bridgePort}`);
  const reused = reusedPorts((port) => `${path}_${port}`);
  return {
    openBridge: () => listenForBridge(`${path}_${bridgePort}`),
    offerPort: (port) => listenOnce({ path: `${path}_${port}` }),
    offerStdio: (port) => listenForStdio(`${path}_${port}`),
    reuseStdio: reused.offer,
    close: () =>
      defer(() => {
        reused.close();
        return EMPTY;
      }),
  };
};
