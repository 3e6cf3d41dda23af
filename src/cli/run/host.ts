/**
 * The system that the command runs on: this host (`target.ts`), or a container in a guest, which is created before the
 * task and deleted after it.
 */
import { defer, EMPTY, firstValueFrom, lastValueFrom, mergeMap, race, take, tap, throwError } from 'rxjs';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { messageOf } from '../../hcs/failures/errors.js';
import {
  bundleOf,
  connectGuest,
  containerDocument,
  type GuestTransport,
  guestCommand,
  oneSocket,
  vsockSockets,
} from '../../hcs/guest/index.js';
import type { ProcessSpec } from '../../index.js';
import type { BridgeAddress } from '../options/bridge-address.js';
import type { RunSettings } from '../options/run-settings.js';
import { CliError } from '../options/usage.js';
import { interrupts$ } from './interrupts.js';
import type { Outlets } from './outlets.js';
import { type HostSettings, type Target, targetOf } from './target.js';

export interface Host {
  /** Creates the system of the task, once. */
  target(id: string, spec: ProcessSpec): Promise<Target>;
  /** Releases everything when the task is over. */
  close(): Promise<void>;
}

export const openHost = async (
  { guest, ...settings }: Pick<RunSettings, 'guest'> & HostSettings,
  { warn, log }: Pick<Outlets, 'warn' | 'log'>,
): Promise<Host> => {
  if (guest === undefined) {
    return { target: (id) => targetOf(id, { ...settings, log }), close: async () => undefined };
  }
  const connection = await firstValueFrom(race(interrupted$, connectGuest(transportTo(guest.address))));
  let made: ComputeSystem | undefined;
  return {
    target: async (id, spec) => {
      const bundle = bundleOf(id);
      const rootfs = guest.rootfs ?? `${bundle}/rootfs`;
      const document = containerDocument(spec, rootfs);
      const layers = layersOf(id, rootfs, bundle, guest.layers);
      made = deletedOnce(await connection.createContainer({ id, spec: document, ...layers }));
      return { system: made, isLocal: false, signal: (name) => name };
    },
    close: async () => {
      try {
        await lastValueFrom(made?.delete?.() ?? EMPTY, { defaultValue: undefined });
      } catch (error) {
        warn(`the container was not deleted in its guest: ${messageOf(error)}`);
      }
      await connection.close();
    },
  };
};

/** The task deletes it, unless it fails before: then `close` does. */
const deletedOnce = (system: ComputeSystem): ComputeSystem => {
  let deleted = false;
  const remove = () =>
    defer(() => (deleted ? EMPTY : (system.delete?.() ?? EMPTY))).pipe(
      tap({ complete: () => (deleted = true) }),
    );
  return { ...system, delete: remove };
};

const transportTo = (address: BridgeAddress): GuestTransport => {
  if (address.kind === 'unix') return vsockSockets(address.path);
  if (address.kind === 'tcp') return oneSocket(address);
  if (address.kind === 'exec') return guestCommand({ command: 'sh', args: ['-c', address.command] });
  throw new Error(`no way to a guest: ${address.kind}`);
};

/** Layers in the guest become the root of the container, with a writable layer on top. */
const layersOf = (id: string, rootfs: string, bundle: string, layers: readonly string[] | undefined) => {
  if (layers === undefined) return {};
  const scratchPath = `${bundle}/scratch`;
  const Settings = {
    ContainerID: id,
    ContainerRootPath: rootfs,
    Layers: layers.map((Path) => ({ Path })),
    ScratchPath: scratchPath,
  };
  const ResourceType = 'CombinedLayers';
  return {
    scratchPath,
    modify: [{ RequestType: 'Add' as const, ResourceType, Settings }],
    undo: [{ RequestType: 'Remove' as const, ResourceType, Settings }],
  };
};

/** A signal while no guest has connected cancels the wait. */
const interrupted$ = interrupts$.pipe(
  take(1),
  mergeMap((name) => throwError(() => new CliError(`no guest has connected before ${name}`, 130))),
);
