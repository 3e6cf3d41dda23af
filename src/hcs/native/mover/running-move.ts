/** A stream in transfer, as the parts of the mover in this process see it. */
import type { MoveEnds, MoveEvent, MoveReport } from './mover.js';

export interface RunningMove {
  report(): MoveReport;
  settle(): void;
  /** Closes what it has opened. No event follows. */
  stop(): void;
}

/** Throws what the kernel says where descriptors run out; nothing is open then. */
export type StartMove = (ends: MoveEnds, onEvent: (event: MoveEvent) => void) => RunningMove;

/** Output that is owed to a reader: notifies once, when so many bytes have left the source. */
export interface Debt {
  /** So many bytes have left the source. */
  paid(moved: number): void;
  owe(all: number, moved: number): void;
}

export const debt = (notify: () => void): Debt => {
  let due = Number.POSITIVE_INFINITY;
  const paid = (moved: number): void => {
    if (moved < due) return;
    due = Number.POSITIVE_INFINITY;
    notify();
  };
  const owe = (all: number, moved: number): void => {
    due = all;
    paid(moved);
  };
  return { paid, owe };
};
