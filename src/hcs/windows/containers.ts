/**
 * Windows containers: opens an existing one by its id, or creates a new one from its document.
 *
 * Both are lazy. Without a Host Compute Service the first call reports it.
 */
import { release } from 'node:os';
import { defer, map, type Observable, type SchedulerLike } from 'rxjs';
import { invalid } from '../failures/errors.js';
import { requireKnown } from '../failures/refuse-unknown.js';
import { notElevatedAs, onService } from './failures.js';
import type { HcsApi } from './service/api.js';
import { locateService, type ServiceLocation } from './service/locate.js';
import { type Timeouts, timeoutNames } from './service/timeouts.js';
import { hcsSystem, type WindowsSystem } from './system.js';
import type { Warnings } from './system-context.js';
import { listIn, type SystemProperties } from './system-properties.js';

/** Options of a container. */
export interface ContainerOptions {
  /** The library of the service and its path. By default the newer one that Windows has. */
  readonly service?: ServiceLocation;
  /** Decides which signals are supported. By default the build of this Windows. */
  readonly osBuild?: number;
  /** Four minutes each by default, or the values of `HCSSHIM_TIMEOUT_…` in the environment. */
  readonly timeouts?: Partial<Timeouts>;
  readonly log?: Warnings;
  /** The source of time for the engine's own timeouts. The asyncScheduler by default. */
  readonly scheduler?: SchedulerLike;
}

/** A container of the Host Compute Service that exists. */
export const openContainer = (id: string, options: ContainerOptions = {}): WindowsSystem =>
  container(id, undefined, options);

/** A new container of the Host Compute Service; `start` creates it. */
export const createContainer = (
  id: string,
  document: object,
  options: ContainerOptions = {},
): WindowsSystem => {
  if (typeof document !== 'object' || document === null) throw invalid('document', document, 'an object');
  return container(id, JSON.stringify(document), options);
};

/**
 * The containers of this host, and its other compute systems, as the service lists them: `Id`, `Owner`, `SystemType`,
 * `State` and more.
 *
 * @example listContainers().subscribe((all) => console.log(all.map(({ Id }) => Id)));
 */
export const listContainers = (
  options: Pick<ContainerOptions, 'service' | 'timeouts' | 'log'> = {},
): Observable<readonly SystemProperties[]> =>
  defer(() => {
    requireOptions(options, ['service', 'timeouts', 'log']);
    const { service, timeouts, log } = options;
    return locateService(service, { timeouts, log }).enumerateSystems('{}');
  }).pipe(map(listIn), onService('hcs::EnumerateComputeSystems'), notElevatedAs('the list of containers'));

const requireOptions = (options: ContainerOptions, known: readonly (keyof ContainerOptions)[]): void => {
  requireKnown('', options, known);
  const { service, timeouts } = options;
  if (service !== undefined) {
    requireKnown('service', service, ['library', 'path']);
  }
  if (timeouts !== undefined) {
    requireKnown('timeouts', timeouts, timeoutNames);
  }
};

const container = (id: string, document: string | undefined, options: ContainerOptions): WindowsSystem => {
  if (typeof id !== 'string' || id === '') throw invalid('id', id, 'a name');
  requireOptions(options, ['service', 'osBuild', 'timeouts', 'log', 'scheduler']);
  const { service, timeouts, log, scheduler, osBuild = Number(release().split('.')[2]) } = options;
  let api: HcsApi | undefined;
  return hcsSystem({
    id,
    document,
    api: () => (api ??= locateService(service, { timeouts, log })),
    osBuild,
    log,
    scheduler,
  });
};
