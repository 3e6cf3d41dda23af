/**
 * Recorded lives, of real processes too, judged by the same sentences as simulated ones.
 */
import { readFileSync } from 'node:fs';
import { verdictOn } from './check.js';
import { type Entry, lineOf } from './trace.js';

/** A recording: one JSON document a line, as `recordingTask` writes them. */
export interface Recording {
  readonly name: string;
  /** The id of the task, and so of its init. */
  readonly task: string;
  /** Whether it was followed to its end. */
  readonly over: boolean;
  readonly trace: readonly Entry[];
}

/** What is wrong with a recorded life; `undefined` when it is accepted. */
export const refusalOf = ({ task, trace, over }: Recording): string | undefined => {
  const { violation } = verdictOn({ task, trace, over });
  return violation && `${violation.sentence}: ${violation.what}`;
};

export const recordingsIn = (file: string): readonly Recording[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

export const acceptFile = (files: readonly string[]): boolean => {
  let refused = 0;
  let lives = 0;
  let tasks = 0;
  for (const file of files) {
    for (const recording of recordingsIn(file)) {
      tasks += 1;
      lives += new Set(recording.trace.map(({ exec }) => exec).filter((exec) => exec !== '')).size;
      const refusal = refusalOf(recording);
      if (refusal === undefined) continue;
      refused += 1;
      console.log(`REFUSED ${recording.name}: ${refusal}`);
      for (const entry of recording.trace) console.log(`  ${lineOf(entry)}`);
    }
  }
  console.log(`${tasks - refused} of ${tasks} recorded tasks accepted, with ${lives} execs`);
  return refused === 0 && tasks > 0;
};
