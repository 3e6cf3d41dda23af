/** What docs/how-we-know.md shows of the simulation, written anew from what the code says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { between } from '../between.js';
import { invariants } from './invariants.js';

// This file runs from dist-tools/, as deep as tools/.
const page = fileURLToPath(new URL('../docs/how-we-know.md', import.meta.url));

export const invariantList = (): string => invariants.map(({ sentence }) => `- ${sentence}.`).join('\n');

export const writeDocs = (mutantTable: string): void => {
  const document = readFileSync(page, 'utf8');
  const withSentences = between(document, 'invariants', invariantList()) ?? document;
  writeFileSync(page, between(withSentences, 'mutants', mutantTable) ?? withSentences);
};
