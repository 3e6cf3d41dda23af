/**
 * The command line as a few files instead of hundreds: loading those takes three times as long as all it then does.
 *
 * The library in dist stays as it is: who imports it bundles it himself, or wants one rxjs with the rest of his program.
 */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** Found at run time: loaded seldom and large, or native. */
const external = [
  '@kubernetes/client-node',
  '@opentelemetry/sdk-node',
  '@opentelemetry/exporter-trace-otlp-http',
  'koffi',
  'pino',
];

/**
 * Puts the bundle in the place of the compiled files.
 *
 * @returns {string | undefined} what went wrong
 */
export function bundleCli(/** @type {string} */ root, /** @type {string} */ dist) {
  const outdir = join(dist, 'cli');
  rmSync(outdir, { recursive: true, force: true });
  try {
    require('esbuild').buildSync({
      entryPoints: [join(root, 'src/cli/main.ts')],
      outdir,
      external,
      bundle: true,
      // What is imported later stays in files of its own.
      splitting: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      minifyWhitespace: true,
      minifySyntax: true,
      logLevel: 'silent',
      // Node is given rxjs as CommonJS, of which nothing can be left out.
      alias: { rxjs: join(root, 'node_modules/rxjs/dist/esm/index.js') },
      banner: {
        js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
      },
    });
    return undefined;
  } catch (error) {
    return `src/cli could not be bundled: ${/** @type {Error} */ (error).message}`;
  }
}
