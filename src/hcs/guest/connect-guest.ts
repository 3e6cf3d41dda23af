/**
 * Opens the bridge to a guest and agrees with it on the protocol.
 *
 * The invariant: whoever leaves before the guest is handed over leaves nothing open, and after `close` nothing of the
 * guest is left here. What runs in the guest is for the guest to end.
 */
import {
  asyncScheduler,
  concatMap,
  defer,
  finalize,
  map,
  type Observable,
  type SchedulerLike,
  throwError,
  timeout,
} from 'rxjs';
import { type Command, commanded } from '../../operators/command.js';
import type { ComputeSystem } from '../compute-system.js';
import { invalid, RxshimError } from '../errors.js';
import { linuxSignals } from '../linux-signals.js';
import { openBridge } from './bridge/bridge.js';
import type { BridgeEnd } from './bridge/failures.js';
import type { ContainerOptions } from './container-options.js';
import { createContainer, type GuestContainer } from './guest-container.js';
import type { GuestContext } from './guest-context.js';
import { guestHost } from './guest-host.js';
import { negotiate } from './negotiate.js';
import { firstStdioPort, guestId } from './protocol/constants.js';
import type { GuestCapabilities, ModificationRequest } from './protocol/messages.js';
import type { GuestTransport } from './transport/transport.js';

export interface GuestOptions {
  /** How long the guest may take to dial, in milliseconds. Default: two minutes. */
  readonly connectTimeout?: number;
  readonly scheduler?: SchedulerLike;
}

/** A guest that the bridge has been opened to. */
export interface Guest {
  readonly capabilities: GuestCapabilities;
  /** Emits once, however late one asks: the bridge was closed here, ended by the guest, or given up on an error. */
  readonly end$: Observable<BridgeEnd>;
  /** The guest itself, for processes outside of any container. Ending it ends the guest. */
  readonly host: ComputeSystem;
  /**
   * Makes a container. Cold, as all that is asked of a guest.
   * @throws RxshimError `alreadyExists` for an id that this connection has seen, `invalidArgument`, or as the guest says.
   */
  createContainer(options: ContainerOptions): Command<GuestContainer>;
  /** Changes the guest: mounts, layers, devices. */
  modify(request: ModificationRequest): Command<unknown>;
  /** The stacks of all that goes on in the guest's agent. */
  dumpStacks(): Command<string>;
  /** Closes the bridge: its containers are lost from sight, its waits fail. Completes when its transport is gone. */
  close(): Command<unknown>;
}

const defaultConnectTimeout = 120_000;

/**
 * Waits for a guest to dial and emits it.
 *
 * @throws RxshimError `unavailable` when none dials in time, or the bridge breaks; `notImplemented` for a guest that
 *   speaks another version or runs another system than Linux.
 * @example
 * const guest = await connectGuest(vsockSockets('/run/vm1/v.sock'));
 * const system = await guest.createContainer({ id: 'web', spec });
 */
export const connectGuest = (transport: GuestTransport, options: GuestOptions = {}): Command<Guest> =>
  commanded(connected(transport, options));

const connected = (transport: GuestTransport, options: GuestOptions): Observable<Guest> =>
  defer(() => {
    const { connectTimeout = defaultConnectTimeout, scheduler = asyncScheduler } = options;
    if (!(connectTimeout >= 0 && connectTimeout < 2 ** 31))
      throw invalid('connectTimeout', connectTimeout, 'milliseconds');
    let handedOver = false;
    const late = () =>
      throwError(() => new RxshimError('unavailable', `no guest has dialled within ${connectTimeout} ms`));
    return transport.openBridge().pipe(
      timeout({ first: connectTimeout, scheduler, with: late }),
      concatMap((connection) => {
        const bridge = openBridge(connection, { scheduler });
        bridge.end$.subscribe(() => letGo(transport));
        return negotiate(bridge).pipe(
          map((capabilities) => {
            handedOver = true;
            let lastPort = firstStdioPort - 1;
            const supported = capabilities.GuestDefinedCapabilities.SignalProcessSupported === true;
            return guestOf(capabilities, {
              bridge,
              transport,
              scheduler,
              signals: linuxSignals({ supported }),
              nextPort: () => (lastPort += 1),
            });
          }),
          finalize(() => {
            if (!handedOver) bridge.close();
          }),
        );
      }),
      finalize(() => {
        if (!handedOver) letGo(transport);
      }),
    );
  });

// Nobody waits for it here; who closes the guest does.
const letGo = (transport: GuestTransport): void =>
  void transport.close().subscribe({ error: () => undefined });

const guestOf = (capabilities: GuestCapabilities, context: GuestContext): Guest => {
  const { bridge } = context;
  return {
    capabilities,
    end$: bridge.end$,
    host: guestHost(context),
    createContainer: (options) => commanded(createContainer(context, options)),
    modify: (Request) => commanded(bridge.call('modifySettings', guestId, { Request })),
    dumpStacks: () =>
      commanded(bridge.call('dumpStacks', guestId, {}).pipe(map(({ GuestStacks = '' }) => GuestStacks))),
    close: () =>
      commanded(
        defer(() => {
          bridge.close();
          return context.transport.close();
        }),
      ),
  };
};
