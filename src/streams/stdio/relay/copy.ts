/**
 * Copies one stream from a source to a sink by pull, with one chunk in flight.
 *
 * Where both ends are descriptors, the mover moves the bytes and JavaScript never sees them.
 */
import type { ByteSink, ByteSource } from '../../../hcs/contract/bytes.js';
import type { DrainRest } from '../../policies.js';
import { type CopyOptions, type MovedStream, moveStream } from './moved-stream.js';

export interface Copy {
  /** Settles at the source's end, or rejects with the failure of the read or write. */
  readonly done: Promise<unknown>;
  /** How many bytes the sink has taken. */
  moved(): number;
  /** How many bytes a file did not take. */
  dropped(): number;
  /** Calls back once, when the sink has taken all that has arrived at the source by now. */
  owe(settled: () => void): void;
  /**
   * Writes nothing more. A read or write in progress is left to the owner of the ends. Returns whether the mover goes on
   * with the rest, as `rest` asks for.
   */
  stop(rest?: DrainRest): boolean;
  /** Which side broke, where `done` has rejected, or is waited for. */
  side(): 'source' | 'sink';
}

export const copy = (source: ByteSource, sink: ByteSink, options: CopyOptions): Copy => {
  const debt = oneDebt();
  let move: MovedStream | undefined;
  let copied = 0;
  let inFlight = 0;
  let stopped = false;
  let side: 'source' | 'sink' | undefined = 'source';

  /** Where both ends are descriptors, the mover does what is left to do. A sink may become one on the way. */
  const moveRest = (): Promise<unknown> | undefined => {
    if (source.fd === undefined || sink.fd === undefined) return undefined;
    move = moveStream(source.fd, sink.fd, options);
    if (move !== undefined) side = undefined;
    return move?.done;
  };

  // A bare loop: through ix's forEach the same costs fifteen times as much, and every exec with output pays it.
  const pull = async (): Promise<void> => {
    let known = sink.fd;
    for await (const chunk of source) {
      if (stopped) return;
      side = 'sink';
      inFlight = chunk.byteLength;
      await sink.write(chunk);
      inFlight = 0;
      copied += chunk.byteLength;
      side = 'source';
      debt.paid(copied);
      if (sink.fd === known || stopped) continue;
      known = sink.fd;
      const moved = moveRest();
      if (moved === undefined) continue;
      await moved;
      break;
    }
  };

  const end = async (): Promise<void> => {
    if (stopped) return;
    side = 'sink';
    await sink.end?.();
  };

  return {
    done: (moveRest() ?? pull()).then(end),
    moved: () => copied + (move?.moved() ?? 0),
    dropped: () => move?.dropped() ?? 0,
    owe: (settled) => {
      if (move !== undefined) move.settle(settled);
      else debt.owe(source.arrived?.() ?? copied + inFlight, copied, settled);
    },
    stop: (rest = 'cut') => {
      stopped = true;
      return move?.stop(rest) ?? false;
    },
    side: () => side ?? move?.side() ?? 'source',
  };
};

/** Output that is owed to a reader: settled when so many bytes were copied. */
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
