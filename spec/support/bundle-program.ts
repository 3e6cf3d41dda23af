/** A program of these specs as a file that node runs, which is removed with the specs. */
import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { buildSync } from 'esbuild';

/** Bundled below the project, so that it finds its packages. Answers the path of the bundle. */
export const bundleProgram = (entry: URL): string => {
  const name = `${basename(entry.pathname, '.ts')}-${process.pid}-${++count}.mjs`;
  const outfile = fileURLToPath(new URL(`../../dist-tools/${name}`, import.meta.url));
  buildSync({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  afterAll(() => rmSync(outfile, { force: true }));
  return outfile;
};

let count = 0;
