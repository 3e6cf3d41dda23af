/**
 * A connected guest: its operations, and the state shared by everything on the connection.
 */
import { randomInt } from 'node:crypto';
import { catchError, defer, EMPTY, map, type Observable, throwError } from 'rxjs';
import { type Command, commanded } from '../../operators/command.js';
import type { ComputeSystem } from '../contract/compute-system.js';
import type { TaskRegistry } from '../contract/task-registry.js';
import { requireKnown } from '../failures/refuse-unknown.js';
import { linuxSignals } from '../signals/linux.js';
import type { SignalTable } from '../signals/options.js';
import { guestRegistry } from './adopt/registry.js';
import type { BridgeEnd } from './bridge/failures.js';
import type { ContainerOptions } from './container-options.js';
import { endSystem } from './end-system.js';
import { createContainer, type GuestContainer } from './guest-container.js';
import type { GuestContext } from './guest-context.js';
import { guestHost } from './guest-host.js';
import { firstStdioPort, guestId } from './protocol/constants.js';
import type { GuestCapabilities, ModificationRequest } from './protocol/messages.js';

/** A connected guest. */
export interface Guest {
  readonly capabilities: GuestCapabilities;
  /** Emits once, also to late subscribers: the bridge was closed here, ended by the guest, or failed. */
  readonly end$: Observable<BridgeEnd>;
  /**
   * The guest itself, for processes outside of all containers: a new system at each access, for one task. Its end is that
   * of its processes; the guest goes on.
   */
  readonly host: ComputeSystem;
  /**
   * Creates a container. Cold, like all operations of a guest.
   * @throws RxshimError `alreadyExists` for an id already used on this connection, `invalidArgument`, or the guest's
   * error.
   */
  createContainer(options: ContainerOptions): Command<GuestContainer>;
  /** The containers that this program and earlier ones have recorded. Absent without the option `records`. */
  readonly registry?: TaskRegistry;
  /** Modifies the guest: mounts, layers, devices. */
  modify(request: ModificationRequest): Command<unknown>;
  /**
   * Shuts the whole guest down, with all its containers, and completes when it has ended the bridge or confirmed.
   * @param options.force does not wait for what runs in it.
   */
  shutDown(options?: { readonly force?: boolean }): Command<unknown>;
  /** The stacks of the guest's agent. */
  dumpStacks(): Command<string>;
  /** Closes the bridge. Its containers become `lost`, pending waits fail. Completes when the transport is closed. */
  close(): Command<unknown>;
}

/**
 * Ports are numbered per connection; one is offered again only by `reused-ports.ts`. The first is random: newer agents dial the port of a process
 * again after its connection was lost, and it must not be that of another process on a later connection.
 */
export const guestContext = (
  shared: Pick<GuestContext, 'bridge' | 'transport' | 'scheduler' | 'records'>,
  { GuestDefinedCapabilities }: GuestCapabilities,
  firstPort: number = randomInt(firstStdioPort, firstStdioPort + 2 ** 30 - 2 ** 24),
): GuestContext => {
  let lastPort = firstPort - 1;
  return {
    ...shared,
    signals: prefixed(linuxSignals({ supported: GuestDefinedCapabilities.SignalProcessSupported === true })),
    nextPort: () => (lastPort += 1),
    powerOff: { requested: false },
  };
};

/** Accepts names with and without `SIG`, like systems of this host. */
const prefixed = (table: SignalTable): SignalTable => ({
  ...table,
  forText: (text) => table.forText(typeof text === 'string' ? text.replace(/^SIG(?=.)/i, '') : text),
});

export const guestOf = (capabilities: GuestCapabilities, context: GuestContext): Guest => {
  const { bridge } = context;
  return {
    capabilities,
    end$: bridge.end$,
    get host() {
      return guestHost(context);
    },
    ...(context.records && { registry: guestRegistry(context, context.records) }),
    createContainer: (options) => commanded(createContainer(context, options)),
    modify: (Request) => commanded(bridge.call('modifySettings', guestId, { Request })),
    shutDown: (options = {}) =>
      commanded(
        defer(() => {
          requireKnown('', options, ['force']);
          const { force = false } = options;
          context.powerOff.requested = true;
          // There is no answer: the guest confirms by ending the bridge.
          return endSystem(context, guestId, force ? 'shutdownForced' : 'shutdownGraceful').pipe(
            catchError((error) => (bridge.ended?.by === 'guest' ? EMPTY : throwError(() => error))),
          );
        }),
      ),
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
