/**
 * Runs a tool of this project: `node [flags] scripts/tool.mjs NAME [ARGS…]` bundles tools/NAME.ts and runs it in this
 * process, so that node flags given here are the tool's.
 *
 * The bundle lies in dist-tools/, as deep as tools/, so that a tool's own relative URLs hold.
 */
import { renameSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensure } from './ensure.mjs';

const [name = '', ...args] = process.argv.slice(2);
const at = (/** @type {string} */ path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const bundle = at(`dist-tools/${name}.js`);
const unfinished = `${bundle}.${process.pid}`;

// The bundle holds the sources it needs, so that a tool runs also while others of them do not compile.
await ensure({ build: false });
const { buildSync } = await import('esbuild');
try {
  buildSync({
    entryPoints: [at(`tools/${name}.ts`)],
    outfile: unfinished,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'error',
  });
} catch {
  // esbuild has said on stderr what is wrong.
  process.exit(1);
}
// A second run of the same tool must not read a half-written file.
renameSync(unfinished, bundle);

// 39 ms at the start of every node process that the tool spawns.
delete process.env.NODE_EXTRA_CA_CERTS;
process.setSourceMapsEnabled(true);
process.argv = [process.execPath, bundle, ...args];
await import(pathToFileURL(bundle).href);
