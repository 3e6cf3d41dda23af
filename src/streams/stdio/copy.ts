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
  /** Writes nothing more. What is being read or written is left to whoever closes the ends. */
  stop(): void;
  /** Whose turn it is: which side broke, where `done` has rejected, or is waited for. */
  side(): 'source' | 'sink';
}

export const copy = (source: ByteSource, sink: ByteSink): Copy => {
  const move = source.fd === undefined || sink.fd === undefined ? undefined : moveBytes(source.fd, sink.fd);
  if (move !== undefined) {
    let ending = false;
    const end = (): unknown => {
      ending = true;
      return sink.end?.();
    };
    const done = sink.end === undefined ? move.done : move.done.then(end);
    return { done, moved: move.bytes, stop: move.cut, side: () => (ending ? 'sink' : move.side()) };
  }
  let moved = 0;
  let stopped = false;
  let side: 'source' | 'sink' = 'source';
  // A bare loop: through ix's forEach the same costs fifteen times as much, and every exec with output pays it.
  const pull = async (): Promise<void> => {
    for await (const chunk of source) {
      if (stopped) return;
      side = 'sink';
      await sink.write(chunk);
      moved += chunk.byteLength;
      side = 'source';
    }
    if (stopped) return;
    side = 'sink';
    await sink.end?.();
  };
  return {
    done: pull(),
    moved: () => moved,
    stop: () => {
      stopped = true;
    },
    side: () => side,
  };
};
