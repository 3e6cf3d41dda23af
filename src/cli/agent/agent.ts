/**
 * `rxshim agent`: serves processes of this host to a remote client over the bridge protocol. Dials the client (the
 * "host" of the protocol), serves it and dials again, until it is interrupted. Processes that still run then are
 * killed.
 */
import { lastValueFrom, type Observable, take, tap } from 'rxjs';
import { type Dial, type DialOptions, dialOneSocket, dialSockets } from '../../agent/dialer.js';
import { localEngine } from '../../agent/engines/local.js';
import { runcEngine } from '../../agent/engines/runc.js';
import { type AgentOptions, runAgent } from '../../agent/run.js';
import { type Served, serveAgent } from '../../agent/serve.js';
import { messageOf } from '../../hcs/failures/errors.js';
import { socketsVariable, streamConnection } from '../../hcs/guest/index.js';
import type { BridgeAddress } from '../options/bridge-address.js';
import { CliError, exitCodes } from '../options/usage.js';
import { interrupts$ } from '../run/interrupts.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';

export interface AgentSettings {
  readonly address: BridgeAddress;
  /** Serve one host, then exit. */
  readonly once: boolean;
  readonly engine: 'local' | 'runc';
  /** How long containers outlive a connection, in milliseconds. */
  readonly keepFor: number;
  /** The accepted users at the other end of unix sockets. */
  readonly uids?: readonly number[];
}

/** @returns the exit code. @throws CliError if it cannot start. */
export const agent = async ({ address, once, engine, keepFor, uids }: AgentSettings): Promise<number> => {
  const stderr = descriptorWriter(2);
  const common = { engine: engine === 'runc' ? runcEngine() : localEngine(), stop$: interrupts$, keepFor };
  const served$ = served(address, common, { ...(uids && { uids }) }).pipe(
    tap(({ reason, error }) => {
      if (reason === 'error')
        stderr.write(`rxshim: the connection to the host was closed: ${messageOf(error)}\n`);
    }),
  );
  const last = await lastValueFrom(once ? served$.pipe(take(1)) : served$, { defaultValue: undefined });
  return last?.reason === 'error' ? exitCodes.failed : 0;
};

const served = (
  address: BridgeAddress,
  common: Omit<AgentOptions, 'dial'>,
  access: DialOptions,
): Observable<Served> => {
  if (address.kind === 'unix') return runAgent({ ...common, dial: dialSockets(address.path, access) });
  if (address.kind === 'tcp') return runAgent({ ...common, dial: dialOneSocket(address) });
  return serveAgent({
    ...common,
    connection: streamConnection(process.stdin, process.stdout),
    dial: dialHost(access),
  });
};

/** The parent process passes the path of its ports in the environment. */
const dialHost = (access: DialOptions): Dial => {
  const sockets = process.env[socketsVariable];
  if (sockets === undefined || sockets === '') {
    throw new CliError(`stdio: ${socketsVariable} does not name the sockets of the host`, exitCodes.usage);
  }
  return dialSockets(sockets, access);
};
