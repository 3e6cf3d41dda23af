/**
 * The library's entry points as a few files instead of hundreds: Node reads, resolves and compiles each module by itself,
 * which took half of what a short program costs.
 *
 * What entry points share is in chunks, so that a program has one of each module whichever it imports. The code is not
 * minified. Declarations stay a file each. rxjs stays outside: a program must have one.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** Those of the command and the shim have been made already. */
const bundled = ['cli', 'shim'];

/**
 * Puts the bundles in the place of the compiled files.
 *
 * @returns {string | undefined} what went wrong
 */
export function bundleLibrary(/** @type {string} */ root, /** @type {string} */ dist) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.values(/** @type {Record<string, string | Record<string, string>>} */ (exports))
    .flatMap((entry) => (typeof entry === 'string' ? [] : [entry['default'] ?? '']))
    .map((path) => path.replace(/^\.\/dist\/|\.js$/g, ''));
  try {
    for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
      const [folder = ''] = name.split(/[/\\]/);
      if (name.endsWith('.js') && !bundled.includes(folder)) rmSync(join(dist, name));
    }
    require('esbuild').buildSync({
      entryPoints: Object.fromEntries(entries.map((entry) => [entry, join(root, `src/${entry}.ts`)])),
      outdir: dist,
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      // Its copies share what is registered with them by way of the global object, as the API itself does.
      external: [
        'rxjs',
        'koffi',
        'pino',
        '@kubernetes/client-node',
        '@opentelemetry/sdk-node',
        '@opentelemetry/exporter-trace-otlp-http',
      ],
      mainFields: ['module', 'main'],
      logLevel: 'silent',
    });
    return undefined;
  } catch (error) {
    return `the library could not be bundled: ${/** @type {Error} */ (error).message}`;
  }
}
