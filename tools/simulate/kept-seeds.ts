/**
 * The seed that caught each mutant the last time the table was written.
 *
 * A hunt tries it first: most of its time goes into worlds that show nothing. A seed that no longer catches its mutant
 * costs one world, and the hunt goes on as if there were none.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** From the name of a mutant to the seed of a world. */
type KeptSeeds = Readonly<Record<string, number>>;

// This file runs from dist-tools/, as deep as tools/.
const fileOf = (bundle: string): string =>
  fileURLToPath(
    new URL(`../tools/simulate/${bundle.replace('bundle.ts', 'kept-seeds.json')}`, import.meta.url),
  );

/** @param bundle the module below tools/simulate that offers the simulation. */
export const readKeptSeeds = (bundle: string): KeptSeeds => {
  const file = fileOf(bundle);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
};

export const writeKeptSeeds = (bundle: string, seeds: KeptSeeds): void =>
  writeFileSync(fileOf(bundle), `${JSON.stringify(seeds, null, 2)}\n`);
