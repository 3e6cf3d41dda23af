/**
 * The log of a pod's container as lines with their times: from the first one, over lost connections and restarts, each
 * once. What is missing, or may be, is an item of its own.
 */
import { firstValueFrom, Observable, takeUntil } from 'rxjs';
import { followLog } from '../pod/follow-log.js';
import type { OutputGap, PodContext } from '../pod/pod-context.js';

/** A line, or a gap between lines. */
export type PodLogItem =
  | {
      readonly kind: 'line';
      /** When it was written, as the node has it: RFC 3339 with nanoseconds. */
      readonly at: string;
      /** Without its end. */
      readonly text: string;
    }
  | ({ readonly kind: 'gap' } & OutputGap);

export const podLogs = (pod: PodContext): Observable<PodLogItem> =>
  new Observable<PodLogItem>((listener) => {
    const abort = new AbortController();
    let at = '';
    let pieces: Buffer[] = [];
    const flush = (): void => {
      if (pieces.length === 0) return;
      const line = Buffer.concat(pieces).toString('utf8');
      pieces = [];
      listener.next({ kind: 'line', at, text: line.endsWith('\n') ? line.slice(0, -1) : line });
    };
    const follow = async (): Promise<void> => {
      const ended = firstValueFrom(pod.exit$, { defaultValue: undefined });
      await Promise.race([firstValueFrom(pod.running$, { defaultValue: undefined }), ended]);
      // A pod that was never started has no log.
      if (abort.signal.aborted || !pod.running$.isStopped) return;
      await followLog(pod, ended, {
        signal: abort.signal,
        take: (piece) => {
          // The last line of a run may have no end: another time is another line.
          if (piece.at !== at) flush();
          at = piece.at;
          // A connection uses its buffer again.
          pieces.push(Buffer.from(piece.bytes));
          if (piece.isEnd) flush();
          return Promise.resolve();
        },
        gap: (gap) => {
          flush();
          listener.next({ kind: 'gap', ...gap });
        },
      });
      flush();
    };
    follow().then(
      () => listener.complete(),
      (error) => listener.error(error),
    );
    return () => abort.abort();
  }).pipe(takeUntil(pod.closed$));
