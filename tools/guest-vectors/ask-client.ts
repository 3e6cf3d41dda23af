/**
 * Asks the client for what a host once asked for: of the container or process that it has, where there is one, else at
 * the bridge itself.
 */
import { type Observable, tap } from 'rxjs';
import type { ComputeProcess } from '../../src/hcs/contract/compute-process.js';
import type { ProcessParameters } from '../../src/hcs/contract/process-parameters.js';
import { executeProcess } from '../../src/hcs/guest/execute-process.js';
import { type Guest, guestOf } from '../../src/hcs/guest/guest.js';
import { createContainer, type GuestContainer } from '../../src/hcs/guest/guest-container.js';
import type { GuestContext } from '../../src/hcs/guest/guest-context.js';
import { guestId } from '../../src/hcs/guest/protocol/constants.js';
import type { Fields } from '../../src/hcs/guest/protocol/json.js';
import type { RequestName } from '../../src/hcs/guest/protocol/message-types.js';
import type {
  ContainerConfig,
  GuestCapabilities,
  ModificationRequest,
  RequestFields,
} from '../../src/hcs/guest/protocol/messages.js';
import { parsed } from './message.js';

/** What has come of the session so far, as the client has it. */
export interface ClientWorld {
  readonly guest: Guest;
  readonly context: GuestContext;
  readonly containers: Map<string, GuestContainer>;
  readonly processes: Map<string, ComputeProcess>;
}

export const clientWorld = (context: GuestContext, capabilities: GuestCapabilities): ClientWorld => ({
  guest: guestOf(capabilities, context),
  context,
  containers: new Map(),
  processes: new Map(),
});

export const processKey = (containerId: string, pid: unknown): string => `${containerId} ${pid}`;

/** Where the client was asked, and what it does: cold, so that nothing is sent before it is subscribed to. */
export interface AskedOf {
  readonly atBridge: boolean;
  readonly work$: Observable<unknown>;
}

export const askClient = (world: ClientWorld, name: RequestName, fields: Fields): AskedOf => {
  const work$ = askObject(world, name, fields);
  return { atBridge: work$ === undefined, work$: work$ ?? askBridge(world, name, fields) };
};

const askBridge = ({ context }: ClientWorld, name: RequestName, fields: Fields): Observable<unknown> => {
  const { ContainerId: id, ActivityId: _, otsc: __, ocsc: ___, ...rest } = fields;
  return context.bridge.call(name, String(id), rest as unknown as RequestFields[typeof name], {
    unbounded: true,
  });
};

/** `undefined` where the client has nothing that could be asked. */
const askObject = (
  world: ClientWorld,
  name: RequestName,
  fields: Fields,
): Observable<unknown> | undefined => {
  const { guest, context, containers, processes } = world;
  const id = String(fields['ContainerId']);
  const container = containers.get(id);
  const process = processes.get(processKey(id, fields['ProcessId']));
  switch (name) {
    case 'create':
      return createContainer(context, containerOptions(id, fields)).pipe(
        tap((made) => containers.set(id, made)),
      );
    case 'executeProcess':
      return execute(world, id, fields).pipe(tap((made) => processes.set(processKey(id, made.pid), made)));
    case 'start':
      return container?.start();
    case 'shutdownGraceful':
      return id === guestId ? guest.shutDown() : container?.shutdown();
    case 'shutdownForced':
      return id === guestId ? guest.shutDown({ force: true }) : container?.terminate();
    case 'signalProcess': {
      const options = fields['Options'] as { readonly Signal: number } | undefined;
      if (process === undefined) return undefined;
      return options === undefined ? process.kill() : process.signal(options);
    }
    case 'resizeConsole':
      return process?.resizeConsole({ width: Number(fields['Width']), height: Number(fields['Height']) });
    case 'modifySettings': {
      const request = fields['Request'] as ModificationRequest;
      return id === guestId ? guest.modify(request) : container?.modify(request);
    }
    case 'getProperties': {
      const query = parsed(String(fields['Query'])) as { readonly PropertyTypes?: unknown } | undefined;
      const names = query?.PropertyTypes;
      return container !== undefined && Array.isArray(names) ? container.properties(...names) : undefined;
    }
    case 'dumpStacks':
      return guest.dumpStacks();
    case 'deleteContainerState':
      return container?.delete?.();
    default:
      return undefined;
  }
};

const containerOptions = (id: string, fields: Fields) => {
  const config = parsed(String(fields['ContainerConfig'])) as ContainerConfig;
  const { OciBundlePath, OciSpecification, ScratchDirPath } = config;
  return {
    id,
    spec: OciSpecification,
    bundlePath: OciBundlePath,
    ...(ScratchDirPath !== undefined && { scratchPath: ScratchDirPath }),
  };
};

const execute = ({ guest, context, containers }: ClientWorld, id: string, fields: Fields) => {
  const { ProcessParameters: text } = fields['Settings'] as { readonly ProcessParameters: string };
  const parameters = parsed(text) as ProcessParameters;
  if (id === guestId) return guest.host.createProcess(parameters);
  return containers.get(id)?.createProcess(parameters) ?? executeProcess(context, id, parameters);
};
