/**
 * Which exits a restarted Docker daemon has made up.
 *
 * A daemon that is killed while it handles the end of a container loses the exit code: it has taken the code from containerd,
 * and has not written it down. After its start it reports 0 or 255, and the time of its own start as that of the end.
 *
 * The invariant: such a code counts only with proof. Either the daemon has seen the end, so that its events have the code
 * (it forgets them when it restarts); or the container ended while no daemon was listening, so that time and code are those of
 * containerd.
 */
import { firstValueFrom, switchMap, toArray } from 'rxjs';
import { jsonLines } from '../api/json-lines.js';
import { type Container, idOf } from './container.js';
import type { ContainerState } from './state.js';

/** 255 is the code of containerd's client where there is none. */
const madeUp: readonly number[] = [0, 255];

/** @param downAt a time of this host's clock at which no daemon was listening, in milliseconds. */
export const isProvenExit = async (
  container: Container,
  { ExitCode = 0, FinishedAt = '' }: ContainerState,
  downAt = Number.NEGATIVE_INFINITY,
): Promise<boolean> => {
  if (!madeUp.includes(ExitCode)) return true;
  if ((await firstValueFrom(container.api.daemon$)).isPodman) return true;
  const { now, lead } = await readClock(container);
  if (Number.isNaN(lead)) return false;
  if (ExitCode === 0 && Date.parse(FinishedAt) - lead < downAt) return true;
  return (await publishedCodes(container, now)).includes(String(ExitCode));
};

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
