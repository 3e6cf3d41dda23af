/**
 * Recorded lives, of real processes too, judged by the same sentences as simulated ones, and step by step by the
 * lifecycle table that the engine runs on.
 */
import { readFileSync } from 'node:fs';
import { lifecycle, type FactName, type Phase } from '../../src/streams/exec/lifecycle.js';
import { verdictOn } from './check.js';
import { type ExecTold, tell } from './story.js';
import { type Entry, lineOf } from './trace.js';

/** A recording: one JSON document a line, as `recordingTask` writes them. */
export interface Recording {
  readonly name: string;
  /** Whether it was followed to its end. */
  readonly over: boolean;
  readonly trace: readonly Entry[];
}

/** What is wrong with a recorded life; `undefined` when it is accepted. */
export const refusalOf = ({ trace, over }: Recording): string | undefined => {
  const step = tell({ trace, over }).execs.map(wrongStep).find((wrong) => wrong !== undefined);
  if (step !== undefined) return step;
  const { violation } = verdictOn({ trace, over });
  return violation && `${violation.sentence}: ${violation.what}`;
};

const wrongStep = ({ id, states }: ExecTold): string | undefined => {
  let phase: string | undefined;
  for (const state of states) {
    const before = phase;
    phase = state.phase;
    // The first state is the one that was found.
    if (before === undefined) continue;
    const to = lifecycle[before as Phase]?.[state.via as FactName]?.to;
    if (to !== phase) return `${id}: no edge leads from ${before} by ${state.via} to ${phase}`;
  }
  return undefined;
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
