/**
 * Which exits a restarted Docker daemon has made up.
 *
 * A daemon that is killed while it handles the end of a container loses the exit code: it has taken the code from containerd,
 * and has not written it down. After its start it reports 255 or, before version 24.0.3, 0, and the time of its own start as
 * that of the end.
 *
 * The invariant: such a code counts only with proof. Either a running daemon has handled the end: its events have the code
 * (it forgets them when it restarts), or, up to version 20.10, the endpoints of the container's networks are released, which
 * a daemon that starts does not do. Or the container ended while no daemon was listening, so that time and code are those of
 * containerd.
 */
import { firstValueFrom, switchMap, toArray } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { unknownExit } from '../../contract/exit-code.js';
import { before } from '../api/client.js';
import { jsonLines } from '../api/json-lines.js';
import { type Container, idOf } from './container.js';
import { type ContainerDetails, type ContainerState, endedAt, type NetworkEndpoints } from './state.js';

/** 255 is the code of containerd's client where there is none. 1.44 is the API of Docker 25. */
const isMadeUp = (code: number, version: string): boolean =>
  code === 255 || (code === 0 && before(version, '1.44'));

/** @param downAt a time of this host's clock at which no daemon was listening, in milliseconds. */
export const isProvenExit = async (
  container: Container,
  { State: { ExitCode = 0, FinishedAt = '' }, NetworkSettings }: ContainerDetails,
  downAt = Number.NEGATIVE_INFINITY,
): Promise<boolean> => {
  const { version, isPodman } = await firstValueFrom(container.api.daemon$);
  if (isPodman || !isMadeUp(ExitCode, version)) return true;
  // Newer daemons release them when they start as well. 1.41 is the API of Docker 20.10.
  if (before(version, '1.42') && isReleased(NetworkSettings?.Networks)) return true;
  const { now, lead } = await readClock(container);
  if (Number.isNaN(lead)) return false;
  if (ExitCode === 0 && Date.parse(FinishedAt) - lead < downAt) return true;
  return (await publishedCodes(container, now)).includes(String(ExitCode));
};

/** Also the networks `none` and `host` have an endpoint. One that shares those of another container has none. */
const isReleased = (networks: NetworkEndpoints = {}): boolean => {
  const endpoints = Object.values(networks);
  return endpoints.length > 0 && endpoints.every((endpoint) => endpoint?.EndpointID === '');
};

/** The exit of a container that had ended before this program looked at it, with the time where it is known. */
export const reportedEnd = async (
  container: Container,
  details: ContainerDetails,
  standing: ProcessExit,
): Promise<ProcessExit> =>
  (await isProvenExit(container, details)) ? endedAt(standing, details.State) : missedEnd(details.State);

/** What is reported for an exit without proof. */
export const missedEnd = ({ ExitCode }: ContainerState): ProcessExit =>
  unknownExit(
    `the daemon has restarted and reports ${ExitCode}, which is also what it reports of an end that it has missed`,
  );

/** The daemon's time, and how far it is ahead of this host's at least. */
const readClock = async ({ api }: Container): Promise<{ readonly now: number; readonly lead: number }> => {
  const { SystemTime } = await firstValueFrom(
    api.call<{ readonly SystemTime?: string }>({
      method: 'GET',
      path: '/info',
      what: 'read the time of the daemon',
      within: timeout,
    }),
  );
  const now = Date.parse(SystemTime ?? '');
  return { now, lead: now - Date.now() };
};

/** The exit codes of the container in the events that the daemon remembers. */
const publishedCodes = (container: Container, until: number): Promise<readonly (string | undefined)[]> =>
  firstValueFrom(
    container.api
      .stream({
        method: 'GET',
        path: '/events',
        query: {
          since: 0,
          // For a time to come the daemon would wait.
          until: until / 1_000,
          filters: JSON.stringify({ type: ['container'], event: ['die'], container: [idOf(container)] }),
        },
        what: `read the events of container ${container.name}`,
        within: timeout,
      })
      .pipe(
        switchMap((response) => jsonLines<Event>(response, `events of container ${container.name}`)),
        toArray(),
      ),
  ).then((events) => events.map(({ Actor }) => Actor?.Attributes?.['exitCode']));

interface Event {
  readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> };
}

const timeout = 30_000;
