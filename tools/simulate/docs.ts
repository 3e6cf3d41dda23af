/** What docs/how-we-know.md shows of the simulation, written anew from what the code says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { between } from '../between.js';
import { daemonInvariants } from './daemon/invariants.js';
import { invariants } from './invariants.js';

// This file runs from dist-tools/, as deep as tools/.
const page = fileURLToPath(new URL('../docs/how-we-know.md', import.meta.url));

/** Of the execs, or of the daemon: whose section it is. */
type Part = '' | 'daemon-';

const sentences: Readonly<Record<Part, readonly { readonly sentence: string }[]>> = {
  '': invariants,
  'daemon-': daemonInvariants,
};

/** The mutants of a part that has the sentences of another. */
export const writeTable = (part: 'takeover-' | 'watch-') => (mutantTable: string) => {
  const document = readFileSync(page, 'utf8');
  writeFileSync(page, between(document, `${part}mutants`, mutantTable) ?? document);
};

export const writeDocs =
  (part: Part) =>
  (mutantTable: string): void => {
    const document = readFileSync(page, 'utf8');
    const list = sentences[part].map(({ sentence }) => `- ${sentence}.`).join('\n');
    const withSentences = between(document, `${part}invariants`, list) ?? document;
    writeFileSync(page, between(withSentences, `${part}mutants`, mutantTable) ?? withSentences);
  };
