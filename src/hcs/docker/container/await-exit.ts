/**
 * The exit of a container: known, once, and true.
 *
 * The daemon's answer to `wait` is trusted only if it is one (`exitCodeOfWait`). A connection that ends, a daemon that is
 * gone and an answer that is cut off are no exit: the container is looked up again, and waited for again if it runs.
 */
import { defer, from, map, merge, type Observable, of, switchMap, takeUntil } from 'rxjs';
import { unknownExit } from '../../contract/exit-code.js';
import { messageOf } from '../../failures/errors.js';
import { backoff, isSettledWithin, pause } from '../../remote/pause.js';
import type { FoundEnd } from '../../remote/system-exit.js';
import { isRefused, statusIn } from '../api/api-error.js';
import { textOf } from '../api/request.js';
import { type Container, idOf, inspect } from './container.js';
import { isProvenExit, missedEnd } from './missed-end.js';
import { exitCodeOfWait, exitWith, standingOf } from './state.js';

type WaitProgress = 'waiting' | { readonly answer: unknown };

/** Emits `waiting` when the daemon has taken the request, then its answer. Errors where the answer is cut off. */
const wait = (container: Container, condition: 'next-exit' | 'not-running'): Observable<WaitProgress> =>
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

/**
 * The daemon has taken the request when `begun` resolves: the exit cannot come before it any more. Closing the system ends
 * both without an answer.
 */
export const beginWait = (
  container: Container,
  condition: 'next-exit' | 'not-running',
): { readonly begun: Promise<void>; readonly answer: Promise<unknown> } => {
  let answered = (_: unknown): void => undefined;
  let failed = (_: unknown): void => undefined;
  const answer = new Promise<unknown>((resolve, reject) => {
    answered = resolve;
    failed = reject;
  });
  // It is read later.
  answer.catch(() => undefined);
  const begun = new Promise<void>((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error);
      failed(error);
    };
    wait(container, condition).subscribe({
      next: (progress) => (progress === 'waiting' ? resolve() : answered(progress.answer)),
      error: fail,
      complete: () => fail(new Error('the wait was ended')),
    });
  });
  return { begun, answer };
};

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
    // In this order: a daemon that has taken the wait, and reports afterwards that the container runs, will know its exit.
    const next = await openWait(container);
    const found = await lookUp(container);
    if (found !== 'running') return { intact: false, ...found };
    answer = next.answer;
    // An answer that comes at once and says nothing must not make this a busy loop.
    await pause(lookAgain);
  }
};

const lookAgain = 50;

/** Resolves when the daemon has taken the wait, or has not. */
const openWait = async (container: Container): Promise<{ readonly answer: Promise<unknown> }> => {
  const { begun, answer } = beginWait(container, 'not-running');
  await isSettledWithin(begun, openTimeout);
  return { answer };
};

/** In milliseconds. A daemon that does not answer is looked up, which takes its own time. */
const openTimeout = 30_000;

/** Asks for the container until a daemon answers, or none has for too long. */
export const lookUp = async (container: Container): Promise<'running' | Omit<FoundExit, 'intact'>> => {
  const deadline = Date.now() + container.reconnectTimeout;
  const next = backoff(50, 2_000);
  const startedAt = container.details?.State.StartedAt;
  for (;;) {
    const askedAt = Date.now();
    try {
      const details = await inspect(container);
      const { State } = details;
      const standing = standingOf(State);
      if (standing === 'notStarted')
        return { exit: unknownExit(`container ${container.name} was never started`) };
      // Its process is another one, whose exit says nothing of the first.
      if (startedAt !== undefined && State.StartedAt !== startedAt)
        return { exit: unknownExit(`container ${container.name} was started again by another client`) };
      if (standing === 'running') return standing;
      if (standing.kind !== 'exited') return { exit: standing };
      const isProven = await isProvenExit(container, details, container.downAt);
      return { exit: isProven ? exitWith(standing.code, container.sent) : missedEnd(State) };
    } catch (error) {
      if (statusIn(error) === 404)
        return { exit: unknownExit(`container ${container.name} was removed by another client`), lost: true };
      if (isRefused(error)) container.downAt = askedAt;
      if (Date.now() >= deadline || container.isClosed)
        return { exit: unknownExit(`the daemon cannot be reached: ${messageOf(error)}`), lost: true };
      await pause(next());
    }
  }
};
