/** Where pictures are drawn over each other. */

export interface Canvas {
  draw(lines: readonly string[]): void;
  /**
   * Leaves the terminal as it would be without it, and the last picture, if one is given, in the flow of its text. More
   * than once does no harm.
   */
  end(last?: readonly string[]): void;
}

/** Ends it on every way out that a program can see, an uncaught error included. */
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
