/** The scenarios that once failed: each must hold now. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Judged, Sized, Subject } from './subject.js';

export interface Kept<S> {
  readonly name: string;
  /** What went wrong, and what was done about it. */
  readonly found: string;
  readonly scenario: S;
}

// This file runs from dist-tools/, as deep as tools/.
const folder = fileURLToPath(new URL('../spec/tools/simulate/', import.meta.url));

export const corpus = <S>(from: string): readonly Kept<S>[] =>
  readdirSync(from)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ name, ...JSON.parse(readFileSync(`${from}/${name}`, 'utf8')) }));

export const replayCorpus = async <S extends Sized, J extends Judged>({
  corpus: corpusName,
  runScenario,
  report,
}: Subject<S, J>): Promise<boolean> => {
  let good = true;
  for (const { name, found, scenario } of corpus<S>(`${folder}${corpusName}`)) {
    const verdict = await runScenario(scenario);
    console.log(`${verdict.violation === undefined ? 'holds  ' : 'BROKEN '} ${name}: ${found}`);
    if (verdict.violation === undefined) continue;
    good = false;
    report(verdict, scenario);
  }
  return good;
};
