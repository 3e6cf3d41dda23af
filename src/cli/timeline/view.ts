/**
 * Shows facts as they arrive: as marbles that are redrawn if the cursor can be moved, otherwise as a line each.
 */
import {
  interval,
  last,
  type Observable,
  scan,
  shareReplay,
  startWith,
  takeUntil,
  withLatestFrom,
} from 'rxjs';
import type { Canvas } from '../terminal/canvas.js';
import type { Screen } from '../terminal/screen.js';
import { factLine } from './fact-line.js';
import type { Clock, Fact } from './facts.js';
import { type FrameOptions, frame } from './frame.js';
import { type Lives, live, noLives } from './lives.js';

export interface View {
  readonly screen: Screen;
  readonly clock: Clock;
  readonly frame?: Pick<FrameOptions, 'span' | 'legend' | 'most'>;
}

// Often enough to look alive, rarely enough to cost nothing.
const drawEvery = 80;

/** The latest lives, starting with none. */
export const livesOf = (facts$: Observable<Fact>): Observable<Lives> =>
  facts$.pipe(scan(live, noLives), startWith(noLives));

export const picture = (lives: Lives, { screen, clock, frame: options }: View): readonly string[] => {
  const { glyphs, paint } = screen;
  // The last column stays free: some terminals wrap as soon as it is written.
  return frame(lives, { now: clock(), width: screen.size().width - 1, glyphs, paint, ...options });
};

/** Draws until the facts complete, and leaves the last picture. The facts are subscribed to once. */
export const drawLive = (facts$: Observable<Fact>, view: View, canvas: Canvas): void => {
  const lives$ = livesOf(facts$).pipe(shareReplay({ bufferSize: 1, refCount: true }));
  const over$ = lives$.pipe(last());
  over$.subscribe((lives) => canvas.end(picture(lives, view)));
  interval(drawEvery)
    .pipe(startWith(0), withLatestFrom(lives$), takeUntil(over$))
    .subscribe(([, lives]) => canvas.draw(picture(lives, view)));
};

export const writeLines = (facts$: Observable<Fact>, { write, paint }: Screen, names?: number): void => {
  const latest = new Map<string, string | undefined>();
  facts$.subscribe((fact) => {
    const line = factLine(fact, names, paint);
    if (fact.kind === 'state') {
      // A state that differs from the one before only in what the line does not show has no line.
      const shown = factLine({ ...fact, at: 0 }, names);
      if (shown === latest.get(fact.exec)) return;
      latest.set(fact.exec, shown);
    }
    if (line !== undefined) write(`${line}\n`);
  });
};
