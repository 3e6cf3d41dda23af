/** Keeps so many boxes started, so that a run need not wait for one. */
import { type Box, type BoxOptions, openBox } from './box.js';

export interface WarmBoxes {
  /** One that runs, and is the caller's to remove. */
  take(): Promise<Box>;
  /** Removes those that wait. */
  close(): Promise<void>;
}

export const warmBoxes = (options: BoxOptions, count: number): WarmBoxes => {
  const waiting = new Set<Box>();
  const opening = new Set<Promise<unknown>>();
  let closed = false;

  const fill = (): void => {
    while (!closed && waiting.size + opening.size < count) open();
  };

  const open = (): void => {
    const opened = openBox(options).then(
      (box) => {
        opening.delete(opened);
        if (closed) return box.remove();
        waiting.add(box);
        // Its lifetime is over, or another client has ended it.
        box.task.closed$.subscribe(() => {
          if (!waiting.delete(box)) return;
          void box.remove();
          fill();
        });
        return undefined;
      },
      // The next run tries again, and reports it.
      () => void opening.delete(opened),
    );
    opening.add(opened);
  };

  fill();
  return {
    take: async () => {
      const [box] = waiting;
      if (box === undefined) return openBox(options);
      waiting.delete(box);
      fill();
      return box;
    },
    close: async () => {
      closed = true;
      await Promise.all(opening);
      await Promise.all([...waiting].map((box) => box.remove()));
      waiting.clear();
    },
  };
};
