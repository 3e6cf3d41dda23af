/**
 * What node runs as the containerd shim: one file that starts fast, and what is not needed at start in files of their own.
 *
 * They are CommonJS, which starts 8 ms sooner than modules; esbuild splits only modules, so each file is turned over after.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

const require = createRequire(import.meta.url);

const common = /** @type {const} */ ({ platform: 'node', target: 'node20', logLevel: 'silent' });

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
  if (!existsSync(entry)) return undefined;
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
      alias: { rxjs: join(root, 'node_modules/rxjs/dist/esm/index.js') },
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
    for (const { path, text } of outputFiles) {
      const { code } = transformSync(text, {
        ...common,
        format: 'cjs',
        // import() of a chunk becomes require(), which is boot.cjs's own.
        supported: { 'dynamic-import': false },
      });
      writeFileSync(path, code);
    }
    return undefined;
  } catch (error) {
    return `src/shim could not be bundled: ${/** @type {Error} */ (error).message}`;
  }
}
