/**
 * The library's entry points as a few files instead of hundreds: Node reads, resolves and compiles each module by itself,
 * which took half of what a short program costs.
 *
 * What entry points share is in chunks, so that a program has one of each module whichever it imports. What `run(local(), …)`
 * needs is one chunk, and it loads half of rxjs instead of all of it (docs/decisions/package.md). The code is without
 * indentation, which was a fifth of it; names stay, for stack traces.
 * Declarations stay a file each. rxjs stays outside: a program must have one.
 *
 *   node scripts/bundle-library.mjs ROOT DIST    in a process of its own, because esbuild's plugins are asynchronous
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rxjsInParts } from './rxjs-in-parts.mjs';

const require = createRequire(import.meta.url);

/** Those of the command and the shim have been made already. */
const bundled = ['cli', 'shim'];

/** What nearly every program imports. */
const core = ['index', 'hcs/local/index'];

/** @type {import('esbuild').BuildOptions} */
const settings = {
  bundle: true,
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
  write: false,
  logLevel: 'silent',
};

/**
 * Puts the bundles in the place of the compiled files.
 *
 * @returns {string | undefined} what went wrong
 */
export function bundleLibrary(/** @type {string} */ root, /** @type {string} */ dist) {
  const args = [fileURLToPath(import.meta.url), root, dist];
  const { status, stderr, error } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return status === 0 ? undefined : `the library could not be bundled: ${error?.message ?? stderr}`;
}

async function bundle(/** @type {string} */ root, /** @type {string} */ dist) {
  /** @type {typeof import('esbuild')} */
  const { build, transform } = require('esbuild');
  const { outputFiles = [] } = await build({
    ...settings,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries(root).map((entry) => [entry, `entry:${entry}`])),
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    plugins: [oneCore(root)],
  });
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const [folder = ''] = name.split(/[/\\]/);
    if (name.endsWith('.js') && !bundled.includes(folder)) rmSync(join(dist, name));
  }
  for (const { path, text } of rxjsInParts(outputFiles, join(dist, 'chunks/rxjs.cjs'))) {
    mkdirSync(dirname(path), { recursive: true });
    const { code } = await transform(text, { minifyWhitespace: true, target: 'node20' });
    writeFileSync(path, code);
  }
}

/** @returns {string[]} */
function entries(/** @type {string} */ root) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.values(/** @type {Record<string, string | Record<string, string>>} */ (exports))
    .flatMap((entry) => (typeof entry === 'string' ? [] : [entry['default'] ?? '']))
    .map((path) => path.replace(/^\.\/dist\/|\.js$/g, ''));
}

/**
 * esbuild makes a chunk for each set of entry points that share something. When every entry point loads the core, the core
 * is one chunk; a module counts as loaded without a use of it only when it is said to have side effects.
 *
 * @returns {import('esbuild').Plugin}
 */
function oneCore(/** @type {string} */ root) {
  const source = (/** @type {string} */ entry) => join(root, `src/${entry}.ts`);
  return {
    name: 'one core',
    async setup(build) {
      const { metafile } = await build.esbuild.build({
        ...settings,
        absWorkingDir: root,
        entryPoints: core.map(source),
        outdir: 'unwritten',
        metafile: true,
      });
      const members = new Set(
        Object.values(metafile?.outputs ?? {}).flatMap(({ inputs }) =>
          Object.keys(inputs).map((path) => resolve(root, path)),
        ),
      );
      const imports = [...members].map((path) => `import ${JSON.stringify(path)};`).join('\n');
      build.onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice(6), namespace: 'entry' }));
      build.onLoad({ filter: /.*/, namespace: 'entry' }, ({ path }) => ({
        contents: `${imports}\nexport * from ${JSON.stringify(source(path))};`,
        resolveDir: root,
      }));
      build.onResolve({ filter: /^[./@]|^[A-Z]:/ }, async ({ path, pluginData, ...options }) => {
        if (pluginData === build) return undefined;
        const found = await build.resolve(path, { ...options, pluginData: build });
        return members.has(found.path) ? { ...found, sideEffects: true } : found;
      });
    },
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const [, , root = '', dist = ''] = process.argv;
  try {
    await bundle(root, dist);
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exitCode = 1;
  }
}
