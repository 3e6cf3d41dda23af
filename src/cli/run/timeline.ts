/**
 * `--timeline`: the lifecycle of the command on stderr. On a terminal as marbles at the bottom, below the command's own
 * output; elsewhere as lines.
 */
import { basename } from 'node:path';
import { map, type Observable } from 'rxjs';
import { endedOnExit } from '../terminal/canvas.js';
import { dock } from '../terminal/dock.js';
import { screenOf } from '../terminal/screen.js';
import type { Clock, Fact } from '../timeline/facts.js';
import { drawLive, writeLines } from '../timeline/view.js';

export interface Timeline {
  /** The number of terminal lines that it takes. */
  readonly rows: number;
  /** Shows the facts, from the first one on. */
  show(facts$: Observable<Fact>): void;
}

// The axis and the single life.
const rows = 2;
/** On a smaller terminal the command gets all lines. */
const leastHeight = 8;

export const openTimeline = ([command = '']: readonly string[], clock: Clock): Timeline => {
  const screen = screenOf(2);
  // The id of the task means nothing to the user.
  const name = basename(command).replace(/[^\x21-\x7e]/g, '?') || 'command';
  const named = map((fact: Fact): Fact => ('exec' in fact ? { ...fact, exec: name } : fact));
  if (!screen.live || screen.size().height < leastHeight) {
    return { rows: 0, show: (facts$) => writeLines(facts$.pipe(named), screen, name.length) };
  }
  const canvas = endedOnExit(dock(screen, rows));
  return { rows, show: (facts$) => drawLive(facts$.pipe(named), { screen, clock }, canvas) };
};
