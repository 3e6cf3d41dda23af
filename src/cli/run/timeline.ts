/**
 * `--timeline`: the command's life on stderr. On a terminal as marbles at its bottom, below whatever the command itself
 * prints there; else as lines.
 */
import { basename } from 'node:path';
import { map, type Observable } from 'rxjs';
import { endedOnExit } from '../terminal/canvas.js';
import { dock } from '../terminal/dock.js';
import { screenOf } from '../terminal/screen.js';
import type { Clock, Fact } from '../timeline/facts.js';
import { drawLive, writeLines } from '../timeline/view.js';

export interface Timeline {
  /** How many lines of the terminal it takes. */
  readonly rows: number;
  /** Shows the facts, from the first one on. */
  show(facts$: Observable<Fact>): void;
}

// The axis, and the one life that there is.
const rows = 2;
/** On a terminal that is lower the command needs all there is. */
const leastHeight = 8;

export const openTimeline = ([command = '']: readonly string[], clock: Clock): Timeline => {
  const screen = screenOf(2);
  // The task's id says nothing to who typed a command.
  const name = basename(command).replace(/[^\x21-\x7e]/g, '?') || 'command';
  const named = map((fact: Fact): Fact => ('exec' in fact ? { ...fact, exec: name } : fact));
  if (!screen.live || screen.size().height < leastHeight) {
    return { rows: 0, show: (facts$) => writeLines(facts$.pipe(named), screen, name.length) };
  }
  const canvas = endedOnExit(dock(screen, rows));
  return { rows, show: (facts$) => drawLive(facts$.pipe(named), { screen, clock }, canvas) };
};
