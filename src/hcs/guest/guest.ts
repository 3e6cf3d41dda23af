/**
 * A guest, once the protocol has been agreed on: what can be asked of it, and what all that stands on it has in common.
 */
import { defer, map, type Observable, type SchedulerLike } from 'rxjs';
import { type Command, commanded } from '../../operators/command.js';
import type { ComputeSystem } from '../contract/compute-system.js';
import { linuxSignals } from '../signals/linux.js';
import type { SignalTable } from '../signals/options.js';
import type { Bridge } from './bridge/bridge.js';
import type { BridgeEnd } from './bridge/failures.js';
import type { ContainerOptions } from './container-options.js';
import { createContainer, type GuestContainer } from './guest-container.js';
import type { GuestContext } from './guest-context.js';
import { guestHost } from './guest-host.js';
import { firstStdioPort, guestId } from './protocol/constants.js';
import type { GuestCapabilities, ModificationRequest } from './protocol/messages.js';
import type { GuestTransport } from './transport/transport.js';

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

/** Ports are counted on for each connection, and never offered twice. */
export const guestContext = (
  bridge: Bridge,
  transport: GuestTransport,
  scheduler: SchedulerLike,
  { GuestDefinedCapabilities }: GuestCapabilities,
): GuestContext => {
  let lastPort = firstStdioPort - 1;
  return {
    bridge,
    transport,
    scheduler,
    signals: prefixed(linuxSignals({ supported: GuestDefinedCapabilities.SignalProcessSupported === true })),
    nextPort: () => (lastPort += 1),
  };
};

/** Names with `SIG` as well as without, as systems of this very host take them. */
const prefixed = (table: SignalTable): SignalTable => ({
  ...table,
  forText: (text) => table.forText(typeof text === 'string' ? text.replace(/^SIG(?=.)/i, '') : text),
});

export const guestOf = (capabilities: GuestCapabilities, context: GuestContext): Guest => {
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
