/**
 * `rxshim guest`: this host as a guest, for hosts that run their commands here. Dials, serves, dials again, until it is
 * interrupted; what runs then ends with it.
 */
import { lastValueFrom, type Observable, take, tap } from 'rxjs';
import { type Dial, dialOneSocket, dialSockets } from '../../agent/dialer.js';
import type { GuestEngine } from '../../agent/guest-engine.js';
import { localEngine } from '../../agent/local-engine.js';
import { runGuest } from '../../agent/run-guest.js';
import { runcEngine } from '../../agent/runc-engine.js';
import { type Served, serveGuest } from '../../agent/serve-guest.js';
import { messageOf } from '../../hcs/failures/errors.js';
import { socketsVariable, streamConnection } from '../../hcs/guest/index.js';
import type { GuestAddress } from '../options/guest-address.js';
import { CliError, exitCodes } from '../options/usage.js';
import { interrupts$ } from '../run/interrupts.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';

export interface GuestSettings {
  readonly address: GuestAddress;
  /** Serve one host and end with it. */
  readonly once: boolean;
  readonly engine: 'local' | 'runc';
}

/** @returns the exit code. @throws CliError when it cannot begin. */
export const guest = async ({ address, once, engine }: GuestSettings): Promise<number> => {
  const stderr = descriptorWriter(2);
  const served$ = served(address, engine === 'runc' ? runcEngine() : localEngine()).pipe(
    tap(({ reason, error }) => {
      if (reason === 'error') stderr.write(`rxshim: the host was hung up on: ${messageOf(error)}\n`);
    }),
  );
  const last = await lastValueFrom(once ? served$.pipe(take(1)) : served$, { defaultValue: undefined });
  return last?.reason === 'error' ? exitCodes.failed : 0;
};

const served = (address: GuestAddress, engine: GuestEngine): Observable<Served> => {
  const common = { engine, stop$: interrupts$ };
  if (address.kind === 'unix') return runGuest({ ...common, dial: dialSockets(address.path) });
  if (address.kind === 'tcp') return runGuest({ ...common, dial: dialOneSocket(address) });
  return serveGuest({
    ...common,
    connection: streamConnection(process.stdin, process.stdout),
    dial: dialHost(),
  });
};

/** Whoever started this as a child says where its ports are. */
const dialHost = (): Dial => {
  const sockets = process.env[socketsVariable];
  if (sockets === undefined || sockets === '') {
    throw new CliError(
      `stdio: ${socketsVariable} does not say where the ports of the host are`,
      exitCodes.usage,
    );
  }
  return dialSockets(sockets);
};
