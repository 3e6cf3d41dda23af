/** The scenarios that once failed: each must hold now. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runScenario } from './check.js';
import { report } from './report.js';
import type { Scenario } from './scenario.js';

export interface Kept {
  readonly name: string;
  /** What went wrong, and what was done about it. */
  readonly found: string;
  readonly scenario: Scenario;
}

// This file runs from dist-tools/, as deep as tools/.
const folder = fileURLToPath(new URL('../spec/tools/simulate/corpus/', import.meta.url));

export const corpus = (from = folder): readonly Kept[] =>
  readdirSync(from)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ name, ...JSON.parse(readFileSync(`${from}/${name}`, 'utf8')) }));

export const replayCorpus = async (): Promise<boolean> => {
  let good = true;
  for (const { name, found, scenario } of corpus()) {
    const verdict = await runScenario(scenario);
    console.log(`${verdict.violation === undefined ? 'holds  ' : 'BROKEN '} ${name}: ${found}`);
    if (verdict.violation === undefined) continue;
    good = false;
    report(verdict, scenario);
  }
  return good;
};
