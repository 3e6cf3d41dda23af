/**
 * Finds where a container's log continues after the bytes received by a lost connection.
 *
 * Counting bytes is not enough: a daemon passes a line on to its clients before it writes it to the log, and writes none
 * before it is complete. If the daemon is killed in between, the log lacks bytes that were already received. So the last
 * received bytes are compared with the log, and the first line that differs is new.
 *
 * The invariant: nothing that the log holds after the common part is dropped. A line is emitted twice only if it was cut in
 * the log by the daemon itself; a lost line that equals the next one cannot be distinguished from it.
 */
import { isUtf8 } from 'node:buffer';

export interface Rejoin {
  /** Takes the log in pieces, and returns what is new in each. */
  take(piece: Uint8Array): readonly Uint8Array[];
  /** How much of the log was taken, once it is known where it goes on. */
  readonly position: number | undefined;
}

const newline = 10;

/**
 * @param skip how many bytes of the log were received, if it lacks none.
 * @param tail the last of them.
 */
export const rejoin = (skip: number, tail: Uint8Array): Rejoin => {
  // A log holds text: what is none cannot be compared, and is counted.
  const compared = isUtf8(tail.subarray(firstCharacter(tail))) ? tail : tail.subarray(0, 0);
  let left = skip - compared.length;
  let at = 0;
  let joined = left === 0 && compared.length === 0;
  let seen = 0;

  const take = (piece: Uint8Array): readonly Uint8Array[] => {
    seen += piece.length;
    if (joined) return [piece];
    const dropped = Math.min(left, piece.length);
    left -= dropped;
    let rest = piece.subarray(dropped);
    if (left > 0 || rest.length === 0) {
      joined = left === 0 && at === compared.length;
      return [];
    }
    let same = 0;
    const most = Math.min(rest.length, compared.length - at);
    while (same < most && rest[same] === compared[at + same]) same += 1;
    at += same;
    rest = rest.subarray(same);
    if (at === compared.length) {
      joined = true;
      return rest.length === 0 ? [] : [rest];
    }
    if (rest.length === 0) return [];
    // They differ here. A log has whole lines: the line in which they differ is a new one.
    const begin = at === 0 ? 0 : compared.lastIndexOf(newline, at - 1) + 1;
    if (begin === 0 && skip > compared.length) {
      // No line begins in what was kept: it is counted.
      left = compared.length - at;
      at = compared.length;
      const counted = Math.min(left, rest.length);
      left -= counted;
      joined = left === 0;
      rest = rest.subarray(counted);
      return rest.length === 0 ? [] : [rest];
    }
    joined = true;
    return begin === at ? [rest] : [compared.subarray(begin, at), rest];
  };
  return {
    take,
    get position() {
      return joined ? seen : undefined;
    },
  };
};

/** The tail may begin within a character. */
const firstCharacter = (bytes: Uint8Array): number => {
  let at = 0;
  while (at < 3 && at < bytes.length && ((bytes[at] as number) & 0xc0) === 0x80) at += 1;
  return at;
};

/** Keeps the last bytes that were pushed. */
export interface Tail {
  push(bytes: Uint8Array): void;
  clear(): void;
  bytes(): Uint8Array;
}

/** Longer than the lines that a daemon holds at a time. */
const kept = 65_536;

/** Grows to twice what it keeps, so that a small output costs little and a flood one copy. */
export const tailOf = (): Tail => {
  let memory = new Uint8Array(0);
  let filled = 0;
  const makeRoom = (length: number): void => {
    if (filled + length <= memory.length) return;
    const begin = Math.max(0, filled + length - kept);
    const wanted = Math.min(2 * kept, Math.max(1_024, 2 * (filled - begin + length)));
    const next = memory.length >= wanted ? memory : new Uint8Array(wanted);
    next.set(memory.subarray(begin, filled));
    memory = next;
    filled -= begin;
  };
  return {
    push: (bytes) => {
      const last = bytes.length > kept ? bytes.subarray(bytes.length - kept) : bytes;
      if (last.length === kept) filled = 0;
      makeRoom(last.length);
      memory.set(last, filled);
      filled += last.length;
    },
    clear: () => {
      memory = new Uint8Array(0);
      filled = 0;
    },
    bytes: () => memory.slice(Math.max(0, filled - kept), filled),
  };
};
