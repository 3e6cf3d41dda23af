/**
 * One stream's worth of copying: from a source to a sink by pull, one chunk in flight.
 *
 * Between two pipes the kernel moves the bytes and JavaScript never sees them.
 */
import type { ByteSink, ByteSource } from '../../hcs/bytes.js';
import { moveBytes } from '../../hcs/native/index.js';

export interface Copy {
  /** Settles at the source's end, or rejects with what broke: reading, or writing. */
  readonly done: Promise<unknown>;
  /** How many bytes the sink has taken. */
  moved(): number;
  /** Calls back once, when the sink has taken all that has arrived at the source by now. */
  owe(settled: () => void): void;
  /** Writes nothing more. What is being read or written is left to whoever closes the ends. */
  stop(): void;
  /** Whose turn it is: which side broke, where `done` has rejected, or is waited for. */
  side(): 'source' | 'sink';
}

export const copy = (source: ByteSource, sink: ByteSink): Copy => {
  const debt = oneDebt();
  const move =
    source.fd === undefined || sink.fd === undefined ? undefined : moveBytes(source.fd, sink.fd, debt.paid);
  if (move !== undefined) {
    let ending = false;
    const end = (): unknown => {
      ending = true;
      return sink.end?.();
    };
    const done = sink.end === undefined ? move.done : move.done.then(end);
    return {
      done,
      moved: move.bytes,
      // The source has read nothing itself: it counts what is left.
      owe: (settled) => debt.owe(move.bytes() + (source.arrived?.() ?? 0), move.bytes(), settled),
      stop: move.cut,
      side: () => (ending ? 'sink' : move.side()),
    };
  }
  let moved = 0;
  let inFlight = 0;
  let stopped = false;
  let side: 'source' | 'sink' = 'source';
  // A bare loop: through ix's forEach the same costs fifteen times as much, and every exec with output pays it.
  const pull = async (): Promise<void> => {
    for await (const chunk of source) {
      if (stopped) return;
      side = 'sink';
      inFlight = chunk.byteLength;
      await sink.write(chunk);
      inFlight = 0;
      moved += chunk.byteLength;
      side = 'source';
      debt.paid(moved);
    }
    if (stopped) return;
    side = 'sink';
    await sink.end?.();
  };
  return {
    done: pull(),
    moved: () => moved,
    owe: (settled) => debt.owe(source.arrived?.() ?? moved + inFlight, moved, settled),
    stop: () => {
      stopped = true;
    },
    side: () => side,
  };
};

/** What is owed to a reader: to be settled when so many bytes have gone over. */
const oneDebt = () => {
  let due = Number.POSITIVE_INFINITY;
  let settle = (): void => undefined;
  const paid = (moved: number): void => {
    if (moved < due) return;
    due = Number.POSITIVE_INFINITY;
    settle();
  };
  const owe = (all: number, moved: number, settled: () => void): void => {
    due = all;
    settle = settled;
    paid(moved);
  };
  return { paid, owe };
};
