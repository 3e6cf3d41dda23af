/** Bundles the simulation over mutated sources. */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { asProgram } from '../bundle-options.js';
import type { Mutant } from './mutant.js';
import type { Simulation } from './subject.js';

// This file runs from dist-tools/, as deep as tools/.
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** @throws Error unless each text is found exactly once. */
export const mutated = ({ name, edits }: Mutant, file: string, source: string): string => {
  let text = source;
  for (const { find, put } of edits.filter((edit) => edit.file === file)) {
    const found = text.split(find).length - 1;
    if (found !== 1)
      throw new Error(`mutant '${name}': its text is found ${found} times in ${file}:\n${find}`);
    text = text.replace(find, () => put);
  }
  return text;
};

/** @param bundle the module below tools/simulate that offers the simulation. */
export const simulationOf = async (mutant: Mutant, number: number, bundle: string): Promise<Simulation> => {
  const { build } = await import('esbuild');
  const wanted = new Set(mutant.edits.map(({ file }) => file));
  const plugin: Plugin = {
    name: 'mutant',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const file = path.split('/src/').at(-1) ?? '';
        if (!wanted.has(file)) return undefined;
        wanted.delete(file);
        return { contents: mutated(mutant, file, readFileSync(path, 'utf8')), loader: 'ts' };
      });
    },
  };
  const outfile = at(`dist-tools/mutant-${bundle.replaceAll(/\W/g, '-')}-${number}.js`);
  await build({
    entryPoints: [at(`tools/simulate/${bundle}`)],
    outfile,
    ...asProgram,
    logLevel: 'silent',
    plugins: [plugin],
  });
  if (wanted.size > 0) throw new Error(`mutant '${mutant.name}': not part of the simulation: ${[...wanted]}`);
  return import(pathToFileURL(outfile).href);
};
