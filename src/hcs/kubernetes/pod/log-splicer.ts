/**
 * Splices the connections to one log into one output: takes the time off each line, and drops what was seen already.
 */

export interface LogSplicer {
  /** The time of the last line that was seen, as the server wrote it. */
  readonly last: string | undefined;
  /** For a connection that begins at the time of the last line. `isNewRun`: it is the log of another run. */
  reopen(isNewRun?: boolean): LogConnection;
}

/** A piece of a line. */
export interface LogPiece {
  readonly bytes: Buffer;
  /** The time of its line, as the server wrote it. */
  readonly at: string;
  /** Whether its line ends with it. */
  readonly isEnd: boolean;
}

export interface LogConnection {
  /** Returns what is new of a chunk. */
  push(chunk: Buffer): readonly LogPiece[];
  /** Whether lines may be missing before what is new. Says so once. */
  hasGap(): boolean;
}

export const logSplicer = (): LogSplicer => {
  let last: string | undefined;
  /** How many lines with that time are complete, and how much of the next one was seen. */
  let complete = 0;
  let partial = 0;

  const reopen = (isNewRun = false): LogConnection => {
    const from = last === undefined || isNewRun ? undefined : { time: comparable(last), complete, partial };
    let atLineStart = true;
    let head = Buffer.alloc(0);
    /** How many bytes of the current line are to be dropped; all of them if it was seen. */
    let drop = 0;
    let seenAtTime = 0;
    let hasSeenLast = from === undefined;
    let gap = false;
    let hasReported = false;

    const begin = (time: string): void => {
      const now = comparable(time);
      drop = 0;
      if (from !== undefined && now <= from.time) {
        if (now < from.time) drop = Number.POSITIVE_INFINITY;
        else {
          hasSeenLast = true;
          if (seenAtTime < from.complete) drop = Number.POSITIVE_INFINITY;
          else if (seenAtTime === from.complete) drop = from.partial;
          seenAtTime += 1;
        }
      } else if (!hasSeenLast) {
        gap = true;
        hasSeenLast = true;
      }
      if (drop === Number.POSITIVE_INFINITY) return;
      if (last === undefined || comparable(last) !== now) {
        last = time;
        complete = 0;
        partial = 0;
      }
    };

    const body = (bytes: Buffer, isEnd: boolean, out: LogPiece[]): void => {
      const dropped = Math.min(drop, bytes.length);
      const isSeen = drop === Number.POSITIVE_INFINITY;
      drop -= isSeen ? 0 : dropped;
      if (dropped < bytes.length) {
        out.push({ bytes: bytes.subarray(dropped), at: last ?? '', isEnd });
        partial += bytes.length - dropped;
      }
      if (isEnd && !isSeen) {
        complete += 1;
        partial = 0;
      }
    };

    return {
      hasGap: () => {
        if (!gap || hasReported) return false;
        hasReported = true;
        return true;
      },
      push: (chunk) => {
        const out: LogPiece[] = [];
        let at = 0;
        while (at < chunk.length) {
          if (atLineStart) {
            const space = chunk.indexOf(blank, at);
            if (space < 0) {
              head = Buffer.concat([head, chunk.subarray(at)]);
              return out;
            }
            begin(Buffer.concat([head, chunk.subarray(at, space)]).toString());
            head = Buffer.alloc(0);
            atLineStart = false;
            at = space + 1;
            continue;
          }
          const newline = chunk.indexOf(lineFeed, at);
          const end = newline < 0 ? chunk.length : newline + 1;
          body(chunk.subarray(at, end), newline >= 0, out);
          atLineStart = newline >= 0;
          at = end;
        }
        return out;
      },
    };
  };

  return {
    get last() {
      return last;
    },
    reopen,
  };
};

const [blank, lineFeed] = [0x20, 0x0a];

/** RFC 3339 with a fraction whose zeros at the end were left out: of the same length, so that texts compare as times. */
const comparable = (time: string): string => {
  const [, seconds = '', fraction = ''] = /^([^.Z+]*?)(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  return `${seconds}.${fraction.padEnd(9, '0')}`;
};
