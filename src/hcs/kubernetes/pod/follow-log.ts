/**
 * The output of a container from its log: from the first byte, over lost connections, nothing twice.
 *
 * The invariant: a line is identified by its time and its place among the lines of the same time, so that a log that is
 * opened again goes on where it stopped, within a line if need be. What is known to be missing, or may be, is a gap: a
 * log that does not begin again with the line that was seen last, and one that has grown beyond its rotation.
 */
import { backoff, isSettledWithin, pause } from '../../remote/pause.js';
import { statusIn } from '../api/api-error.js';
import { open, type Query } from '../api/request.js';
import { containerIn } from '../pods/pod-standing.js';
import { type LogPiece, logSplicer } from './log-splicer.js';
import { type OutputGap, type PodContext, podPath } from './pod-context.js';

export interface LogReader {
  /** Takes a piece of output; resolves when it takes more. */
  take(piece: LogPiece): Promise<void>;
  gap(gap: OutputGap): void;
  /** Skips the output that the log already has. */
  readonly onlyNew?: boolean;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
}

/** The size at which a kubelet rotates a log by default (containerLogMaxSize), in bytes. */
const rotationSize = 10 * 1024 * 1024;

/** Resolves when the container has ended and its log was read to its end. @throws RxshimError where a role forbids it. */
export const followLog = async (
  pod: PodContext,
  ended: Promise<unknown>,
  { take, gap, onlyNew = false, signal }: LogReader,
): Promise<void> => {
  const splicer = logSplicer();
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  const closing = pod.closed$.subscribe(stop);
  signal?.addEventListener('abort', stop);
  let endedAt: number | undefined;
  void ended.then(() => {
    endedAt = Date.now();
  });
  const isOverdue = (): boolean =>
    endedAt !== undefined && Date.now() - endedAt > pod.cluster.reconnectTimeout;
  let next = backoff(50, 2_000);
  let received = 0;
  let run: number | undefined;
  let isReopened = false;

  /** Whether the log was read to its end. */
  const read = async (previous: boolean, isNewRun: boolean): Promise<boolean> => {
    const from = splicer.last;
    const skips = onlyNew && from === undefined && !isNewRun;
    const response = await open(pod.cluster, logRequest(pod, from, previous, skips), abort.signal);
    // Neither connection sees output that was written between the two.
    if (skips && isReopened) gap({ reason: 'reconnected', certain: false, after: undefined });
    isReopened = true;
    const connection = splicer.reopen(isNewRun);
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (const piece of connection.push(chunk)) await take(piece);
      if (connection.hasGap()) gap({ reason: 'reconnected', certain: false, after: from });
      const rotations = Math.floor(received / rotationSize);
      received += chunk.length;
      if (Math.floor(received / rotationSize) > rotations)
        gap({ reason: 'rotated', certain: false, after: splicer.last });
    }
    if (response.complete) next = backoff(50, 2_000);
    return response.complete;
  };

  try {
    while (!abort.signal.aborted) {
      try {
        const now = restartsOf(pod);
        const isNewRun = run !== undefined && now !== run;
        // The rest of a run that has ended meanwhile is kept until the next one ends.
        if (isNewRun) await read(true, false).catch(() => undefined);
        run = now;
        if ((await read(false, isNewRun)) && endedAt !== undefined) return;
        // It ends also where the kubelet does, or the run of a container that is restarted.
        await isSettledWithin(ended, graceForEnd);
      } catch (error) {
        if (abort.signal.aborted) return;
        const status = statusIn(error);
        if (status === 403) throw error;
        if (status === 404 || isOverdue())
          return gap({ reason: 'reconnected', certain: false, after: splicer.last });
        await pause(next(), abort.signal);
      }
    }
  } finally {
    closing.unsubscribe();
    signal?.removeEventListener('abort', stop);
  }
};

/** A log ends 0.7 s after the exit was seen. A log that ended earlier is requested again after this, in milliseconds. */
const graceForEnd = 1_000;

const restartsOf = (pod: PodContext): number =>
  (pod.facts && containerIn(pod.facts, pod.container)?.restarts) ?? 0;

const logRequest = (pod: PodContext, since: string | undefined, previous: boolean, skips: boolean) => {
  const query: Query = [
    ['container', pod.container],
    ['follow', previous ? undefined : true],
    ['previous', previous ? true : undefined],
    ['timestamps', true],
    ['tailLines', skips ? 0 : undefined],
    ['sinceTime', since],
  ];
  return {
    path: podPath(pod, '/log'),
    query,
    what: `read the log of pod ${pod.name}`,
    needs: 'get on pods/log',
  };
};
