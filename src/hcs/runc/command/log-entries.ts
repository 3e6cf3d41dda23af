/**
 * Decodes the JSON log of a runtime: a stream of objects. runc writes each on one line, crun (from 1.9 on) on several.
 *
 * Text between the objects is skipped, and so is an object that is cut off at either end.
 */

export interface LogEntry {
  readonly level?: unknown;
  readonly msg?: unknown;
}

/** In the order of the log. */
export const logEntries = (log: string): readonly LogEntry[] => {
  const entries: LogEntry[] = [];
  for (let at = nextObject(log, 0); at !== -1; ) {
    const end = endOfObject(log, at);
    const entry = end === -1 ? undefined : parsed(log.slice(at, end));
    if (entry !== undefined) entries.push(entry);
    at = nextObject(log, entry === undefined ? at + 1 : end);
  }
  return entries;
};

/** An object begins a line, or follows another object. */
const nextObject = (log: string, from: number): number => {
  if (log[from] === '{') return from;
  const found = log.indexOf('\n{', Math.max(0, from - 1));
  return found === -1 ? -1 : found + 1;
};

/** Braces in strings do not count. -1 if the object does not end. */
const endOfObject = (log: string, from: number): number => {
  let depth = 0;
  for (const { 0: token, index } of log.slice(from).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    if (depth === 0) return from + index + 1;
  }
  return -1;
};

const parsed = (text: string): LogEntry | undefined => {
  try {
    return JSON.parse(text) as LogEntry;
  } catch {
    return undefined;
  }
};
