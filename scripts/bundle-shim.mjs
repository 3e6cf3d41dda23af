/**
 * What node runs as the containerd shim: one file that starts fast, and what is not needed at start in files of their own.
 *
 * They are CommonJS, which starts 8 ms sooner than modules; esbuild splits only modules, so each file is turned over after.
 * What the files share esbuild puts into chunks; those that are needed at start go into the one file, which saves 2 ms more.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

const require = createRequire(import.meta.url);

const common = /** @type {const} */ ({ platform: 'node', target: 'node20', logLevel: 'silent' });

/**
 * Exporters that the OpenTelemetry SDK imports, and creates only if it is given none. The shim gives it one, and switches
 * metrics and logs off; gRPC alone would be half a megabyte. And the reader of a configuration file, which the `NodeSDK`
 * class has no use for: its validator and YAML are another half.
 */
const unusedPackages = [
  'configuration',
  'exporter-logs-otlp-grpc',
  'exporter-metrics-otlp-grpc',
  'exporter-prometheus',
  'exporter-trace-otlp-grpc',
  'exporter-zipkin',
  'otlp-grpc-exporter-base',
].map((name) => `@opentelemetry/${name}`);

/** As boot.ts calls it. */
const wrapped = (/** @type {string | undefined} */ code) =>
  `(function (exports, require, module, __filename, __dirname, __url, __included) {${code}\n})`;

/** The outputs that one imports at its start, and theirs. */
function neededBy(/** @type {import('esbuild').Metafile} */ { outputs }, /** @type {string} */ output) {
  /** @type {Set<string>} */
  const needed = new Set();
  const walk = (/** @type {string} */ path) => {
    for (const { kind, path: imported } of outputs[path]?.imports ?? []) {
      if (kind !== 'import-statement' || outputs[imported] === undefined || needed.has(imported)) continue;
      needed.add(imported);
      walk(imported);
    }
  };
  walk(output);
  return [...needed];
}

/** Whether most of an output comes from other packages. */
function isForeign(/** @type {import('esbuild').Metafile} */ { outputs }, /** @type {string} */ name) {
  const [, output] = Object.entries(outputs).find(([path]) => basename(path) === name) ?? [];
  const inputs = Object.entries(output?.inputs ?? {});
  const bytes = (/** @type {typeof inputs} */ some) =>
    some.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
  const foreign = inputs.filter(([path]) => path.includes('node_modules/'));
  return bytes(foreign) > 0.9 * bytes(inputs);
}

/**
 * Puts boot.cjs and what it loads into `outdir`, with `entry` as the program.
 *
 * @returns {string | undefined} what went wrong
 */
export function bundleShim(
  /** @type {string} */ root,
  /** @type {string} */ outdir,
  entry = join(root, 'src/shim/main.ts'),
) {
  const { buildSync, transformSync } = /** @type {typeof import('esbuild')} */ (require('esbuild'));
  rmSync(outdir, { recursive: true, force: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  try {
    const { outputFiles, metafile } = buildSync({
      ...common,
      entryPoints: [entry],
      outdir,
      // Compiled code is kept for a name, so that another content must have another one.
      entryNames: 'shim-[hash]',
      chunkNames: 'chunk-[hash]',
      outExtension: { '.js': '.cjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      minifySyntax: true,
      metafile: true,
      write: false,
      legalComments: 'none',
      define: { 'import.meta.url': '__url', RXSHIM_VERSION: JSON.stringify(version) },
      // Node is given rxjs as CommonJS, of which nothing can be left out.
      alias: {
        rxjs: join(root, 'node_modules/rxjs/dist/esm/index.js'),
        ...Object.fromEntries(unusedPackages.map((name) => [name, join(root, 'scripts/absent.cjs')])),
      },
    });
    const [main = ''] = Object.keys(metafile.outputs).filter((path) => basename(path).startsWith('shim-'));
    buildSync({
      ...common,
      entryPoints: [join(root, 'src/shim/boot/boot.ts')],
      outfile: join(outdir, 'boot.cjs'),
      bundle: true,
      format: 'cjs',
      define: { MAIN: JSON.stringify(basename(main)) },
    });

    const codes = new Map(
      outputFiles.map(({ path, text }) => {
        const { code } = transformSync(text, {
          ...common,
          format: 'cjs',
          minifyWhitespace: true,
          // Names stay in our own code, for stack traces.
          minifyIdentifiers: isForeign(metafile, basename(path)),
          // import() of a chunk becomes require(), which is boot.cjs's own.
          supported: { 'dynamic-import': false },
        });
        return [basename(path), code];
      }),
    );
    const atStart = neededBy(metafile, main).map((path) => basename(path));
    const included = atStart.map(
      (name) => `__included.set(${JSON.stringify(name)}, ${wrapped(codes.get(name))});`,
    );
    codes.set(basename(main), `${included.join('\n')}\n${codes.get(basename(main))}`);
    for (const [name, code] of codes) {
      if (!atStart.includes(name)) writeFileSync(join(outdir, name), wrapped(code));
    }
    return undefined;
  } catch (error) {
    return `src/shim could not be bundled: ${/** @type {Error} */ (error).message}`;
  }
}
