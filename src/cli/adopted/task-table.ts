/** The table of `rxshim ps`. Pure; nothing of it is cut. */

const header = ['ID', 'STATE', 'PID', 'AGE', 'OWNER'];

/**
 * @param rows the cells of each task.
 * @param width the columns of the terminal; `undefined` where the output is none. In a terminal that is too narrow each
 *   task has two lines: its name, and below it the rest.
 */
export const taskTable = (
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] => {
  const all = [header, ...rows];
  const wide = aligned(all);
  if (width === undefined || wide.every((line) => line.length <= width)) return wide;
  const rest = aligned(all.map(([, ...cells]) => cells));
  return all.flatMap(([id = ''], index) => [id, `  ${rest[index]}`]);
};

const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};
