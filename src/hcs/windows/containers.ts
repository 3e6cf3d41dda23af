/**
 * Ways to a Windows container: an existing one by its id, a new one by its document.
 *
 * Neither does anything before it is asked to: where there is no Host Compute Service, the first act says so.
 */
import { release } from 'node:os';
import { defer, map, type Observable, type SchedulerLike } from 'rxjs';
import { invalid } from '../failures/errors.js';
import { notElevatedAs, onService } from './failures.js';
import type { HcsApi } from './hcs-api.js';
import { hostService, type ServiceLocation } from './host-service.js';
import { hcsSystem, type WindowsSystem } from './system.js';
import type { Warnings } from './system-context.js';
import { listIn, type SystemProperties } from './system-properties.js';
import type { Timeouts } from './timeouts.js';

export interface ContainerOptions {
  /** Which library of the service to use, and where it is. Default: the newer of those that Windows has. */
  readonly service?: ServiceLocation;
  /** Decides which signals are sent. Default: the build of this Windows. */
  readonly osBuild?: number;
  /** Default: four minutes each, or what the environment says in `HCSSHIM_TIMEOUT_…`. */
  readonly timeouts?: Partial<Timeouts>;
  readonly log?: Warnings;
  /** Where time comes from, for bounds of the engine's own. Default: the asyncScheduler. */
  readonly scheduler?: SchedulerLike;
}

export const openContainer = (id: string, options: ContainerOptions = {}): WindowsSystem =>
  container(id, undefined, options);

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
export const listContainers = ({
  service,
  timeouts,
  log,
}: Pick<ContainerOptions, 'service' | 'timeouts' | 'log'> = {}): Observable<readonly SystemProperties[]> =>
  defer(() => hostService(service, { timeouts, log }).enumerateSystems('{}')).pipe(
    map(listIn),
    onService('hcs::EnumerateComputeSystems'),
    notElevatedAs('the list of containers'),
  );

const container = (id: string, document: string | undefined, options: ContainerOptions): WindowsSystem => {
  if (typeof id !== 'string' || id === '') throw invalid('id', id, 'a name');
  const { service, timeouts, log, scheduler, osBuild = Number(release().split('.')[2]) } = options;
  let api: HcsApi | undefined;
  return hcsSystem({
    id,
    document,
    api: () => (api ??= hostService(service, { timeouts, log })),
    osBuild,
    log,
    scheduler,
  });
};
