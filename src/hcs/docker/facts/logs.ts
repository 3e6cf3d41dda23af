/**
 * The log of a container, line by line with its time.
 *
 * The invariant: no line twice and none lost over a lost connection. After one the log is read again from the second of the
 * last line; the lines of that second that were emitted before are counted and left out, since lines have no number.
 */
import { defer, filter, mergeMap, Observable, takeUntil } from 'rxjs';
import { invalid, RxshimError } from '../../failures/errors.js';
import { type Container, idOf } from '../container/container.js';
import { frameDecoder } from '../stdio/frame-decoder.js';
import { following } from './following.js';

/** Options of `logs`. */
export interface LogOptions {
  /** Only what was written from then on. Default: all that is kept. */
  readonly since?: Date;
  /** Whether it goes on with what is written from now on, until the container ends. Default `true`. */
  readonly follow?: boolean;
  /** Only so many lines of the past. Default: all. */
  readonly tail?: number;
}

/** A line that a container has written. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  /** Without its end. */
  readonly text: string;
  /** When its daemon has read it. */
  readonly at: Date;
}

export const containerLogs = (
  container: Container,
  { since, follow = true, tail }: LogOptions = {},
): Observable<LogLine> => {
  if (since !== undefined && !(since instanceof Date && !Number.isNaN(since.getTime())))
    throw invalid('since', since, 'a time');
  if (tail !== undefined && !(Number.isSafeInteger(tail) && tail >= 0))
    throw invalid('tail', tail, 'a number of lines');
  const begin = since === undefined ? 0 : Math.floor(since.getTime() / 1000);
  /** The second of the last line, and how many lines of it were emitted. */
  let last = { second: begin, emitted: 0 };
  let isFirst = true;

  const attempt = (): Observable<LogLine> => {
    const { second, emitted } = last;
    const replayed = isFirst ? 0 : emitted;
    const limit = isFirst ? tail : undefined;
    isFirst = false;
    let left = replayed;
    return container.api
      .stream({
        method: 'GET',
        path: `/containers/${idOf(container)}/logs`,
        query: {
          follow,
          stdout: true,
          stderr: true,
          timestamps: true,
          ...(second > 0 && { since: second }),
          ...(limit !== undefined && { tail: limit }),
        },
        what: `read the log of container ${container.name}`,
      })
      .pipe(
        mergeMap((response) => linesOf(response, container.details?.Config?.Tty !== true)),
        mergeMap((line) => {
          const at = Math.floor(line.at.getTime() / 1000);
          if (since !== undefined && line.at < since) return [];
          if (at === second && left > 0) {
            left -= 1;
            return [];
          }
          last = at === last.second ? { second: at, emitted: last.emitted + 1 } : { second: at, emitted: 1 };
          return [line];
        }),
        // Its handle is closed while it runs. After its end the log ends by itself.
        takeUntil(container.exit$.pipe(filter(({ reason }) => reason === 'closed'))),
      );
  };
  return follow ? following(container, attempt) : defer(attempt);
};

const linesOf = (
  response: NodeJS.ReadableStream & { destroy(): unknown },
  framed: boolean,
): Observable<LogLine> =>
  new Observable((listener) => {
    const decoder = framed ? frameDecoder() : undefined;
    const open = { stdout: lineReader('stdout'), stderr: lineReader('stderr') };
    const take = (stream: LogLine['stream'], bytes: Uint8Array): void => {
      for (const line of open[stream].push(bytes)) listener.next(line);
    };
    const read = async (): Promise<void> => {
      for await (const chunk of response as AsyncIterable<Uint8Array>) {
        if (decoder === undefined) take('stdout', chunk);
        else decoder.push(chunk, (type, bytes) => take(type === 2 ? 'stderr' : 'stdout', bytes));
      }
      // A daemon that is killed just ends the stream. A line that is cut off is read again.
      if (!(response as { complete?: boolean }).complete) throw new Error('cut off');
      for (const reader of Object.values(open)) for (const line of reader.rest()) listener.next(line);
      listener.complete();
    };
    read().catch((cause) =>
      listener.error(
        cause instanceof RxshimError
          ? cause
          : new RxshimError('unavailable', 'read a log: the connection was cut off', { cause }),
      ),
    );
    return () => void response.destroy();
  });

const newline = 10;

/** Each line begins with its time. Lines are split as bytes: a character may be cut between chunks. */
const lineReader = (stream: LogLine['stream']) => {
  let pieces: Uint8Array[] = [];
  const finish = (): LogLine[] => {
    const line = Buffer.concat(pieces).toString('utf8').replace(/\r$/, '');
    pieces = [];
    const [, stamp = '', text = line] = /^(\S+) ?(.*)$/s.exec(line) ?? [];
    const at = new Date(stamp);
    return [{ stream, text, at: Number.isNaN(at.getTime()) ? new Date() : at }];
  };
  return {
    push: (chunk: Uint8Array): LogLine[] => {
      const lines: LogLine[] = [];
      let begin = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, begin)) {
        pieces.push(chunk.subarray(begin, end));
        lines.push(...finish());
        begin = end + 1;
      }
      if (begin < chunk.length) pieces.push(Uint8Array.from(chunk.subarray(begin)));
      return lines;
    },
    rest: (): LogLine[] => (pieces.length === 0 ? [] : finish()),
  };
};
