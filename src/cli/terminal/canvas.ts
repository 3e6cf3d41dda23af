/**
 * The interface for redrawing pictures in place.
 */

export interface Canvas {
  draw(lines: readonly string[]): void;
  /** Restores the terminal, and prints the last picture, if given, as normal text. May be called more than once. */
  end(last?: readonly string[]): void;
}

/** Ends it on every exit that a program can intercept, including an uncaught error. */
export const endedOnExit = (canvas: Canvas): Canvas => {
  const end = (): void => canvas.end();
  process.once('exit', end);
  return {
    draw: canvas.draw,
    end: (last) => {
      process.off('exit', end);
      canvas.end(last);
    },
  };
};
