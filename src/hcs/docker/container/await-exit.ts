/**
 * The exit of a container: known, once, and true.
 *
 * The daemon's answer to `wait` is trusted only if it is one (`exitCodeOfWait`). A connection that ends, a daemon that is
 * gone and an answer that is cut off are no exit: the container is looked up again, and waited for again if it runs.
 */
import { defer, firstValueFrom, from, map, merge, type Observable, of, switchMap, takeUntil } from 'rxjs';
import { unknownExit } from '../../contract/exit-code.js';
import { messageOf } from '../../failures/errors.js';
import { backoff, pause } from '../../remote/pause.js';
import type { FoundEnd } from '../../remote/system-exit.js';
import { statusIn } from '../api/api-error.js';
import { textOf } from '../api/request.js';
import { type Container, idOf, inspect } from './container.js';
import { exitCodeOfWait, exitWith, standingOf } from './state.js';

export type WaitProgress = 'waiting' | { readonly answer: unknown };

/** Emits `waiting` when the daemon has taken the request, then its answer. Errors where the answer is cut off. */
export const wait = (
  container: Container,
  condition: 'next-exit' | 'not-running',
): Observable<WaitProgress> =>
  defer(() =>
    container.api.listen({
      method: 'POST',
      path: `/containers/${idOf(container)}/wait`,
      query: { condition },
      what: `wait for container ${container.name}`,
    }),
  ).pipe(
    switchMap((response) =>
      merge(
        of<WaitProgress>('waiting'),
        from(textOf(response)).pipe(map((text): WaitProgress => ({ answer: JSON.parse(text) }))),
      ),
    ),
    takeUntil(container.closed$),
  );

export interface FoundExit extends FoundEnd {
  /** The daemon could be reached all the time: the connections of before have carried everything. */
  readonly intact: boolean;
}

/** @param first the answer to the wait that was begun before the start; rejects where it was lost. */
export const awaitExit = async (container: Container, first: Promise<unknown>): Promise<FoundExit> => {
  let answer = first;
  for (let intact = true; ; intact = false) {
    try {
      const code = exitCodeOfWait(await answer);
      if (code !== undefined) return { exit: exitWith(code, container.sent), intact };
    } catch {
      // Lost with the connection: the container has not ended for that.
    }
    if (container.isClosed) return { exit: unknownExit('the handle of its container was closed'), intact };
    const found = await lookUp(container);
    if (found !== 'running') return { intact: false, ...found };
    answer = firstValueFrom(
      wait(container, 'not-running').pipe(
        switchMap((progress) => (progress === 'waiting' ? [] : [progress.answer])),
      ),
    );
    // It is read after the pause. Closing the system meanwhile ends it without an answer.
    answer.catch(() => undefined);
    // An answer that comes at once and says nothing must not make this a busy loop.
    await pause(lookAgain);
  }
};

const lookAgain = 50;

/** Docker reports this for a container that ended while Docker was down. For most of these it gets the code from containerd. */
const missedEnd = 255;
const missed =
  'the daemon has restarted and reports 255, which is also what it reports of an end that it has missed';

/** Asks for the container until a daemon answers, or none has for too long. */
export const lookUp = async (container: Container): Promise<'running' | Omit<FoundExit, 'intact'>> => {
  const deadline = Date.now() + container.reconnectTimeout;
  const next = backoff(50, 2_000);
  const startedAt = container.details?.State.StartedAt;
  for (;;) {
    try {
      const { State } = await inspect(container);
      const standing = standingOf(State);
      if (standing === 'notStarted')
        return { exit: unknownExit(`container ${container.name} was never started`) };
      // Its process is another one, whose exit says nothing of the first.
      if (startedAt !== undefined && State.StartedAt !== startedAt)
        return { exit: unknownExit(`container ${container.name} was started again by another client`) };
      if (standing === 'running') return standing;
      if (standing.kind !== 'exited') return { exit: standing };
      const isMissed = standing.code === missedEnd && !(await firstValueFrom(container.api.daemon$)).isPodman;
      return { exit: isMissed ? unknownExit(missed) : exitWith(standing.code, container.sent) };
    } catch (error) {
      if (statusIn(error) === 404)
        return { exit: unknownExit(`container ${container.name} was removed by another client`), lost: true };
      if (Date.now() >= deadline || container.isClosed)
        return { exit: unknownExit(`the daemon cannot be reached: ${messageOf(error)}`), lost: true };
      await pause(next());
    }
  }
};
