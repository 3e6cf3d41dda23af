/**
 * Runs blocks of TypeScript as programs of their own, which import the package under its own name. All of a spec are
 * bundled at once with what they share: a program then starts in half the time.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { build, type Plugin } from 'esbuild';
import { root } from './blocks.js';

/** TypeScript by file name, without an extension. */
export type Sources = Readonly<Record<string, string>>;

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  /** None if it was killed because it hung. */
  readonly status: number | null;
}

export interface ProgramOptions {
  /** For node, before the file. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** In milliseconds. */
  readonly timeout?: number;
}

export interface Programs {
  run(name: string, options?: ProgramOptions): Promise<ProgramResult>;
  remove(): void;
}

/** @param sources the programs, and the modules that they import from each other (`./name.mjs`). */
export const bundlePrograms = async (sources: Sources): Promise<Programs> => {
  const scratch = join(root, 'dist-tools');
  mkdirSync(scratch, { recursive: true });
  // Inside the checkout, so that the package is found by its name.
  const folder = mkdtempSync(join(scratch, 'programs-'));
  await build({
    entryPoints: Object.keys(sources).map((name) => ({ in: `./${name}.mjs`, out: name })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    plugins: [fromSources(sources, folder)],
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  });
  return {
    run: (name, options) => runNode(join(folder, `${name}.mjs`), options),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

const fromSources = (sources: Sources, folder: string): Plugin => ({
  name: 'sources',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^\.\/[\w.-]+\.mjs$/ }, ({ path, namespace, kind }) =>
      kind === 'entry-point' || namespace === 'block'
        ? { path: path.slice(2, -4), namespace: 'block' }
        : undefined,
    );
    // CommonJS packages cannot be bundled into modules, and most programs need none of them.
    onResolve({ filter: /^[@a-z]/ }, ({ path }) =>
      /^(rxjs|rxshim)(\/|$)/.test(path) ? undefined : { path, external: true },
    );
    onLoad({ filter: /./, namespace: 'block' }, ({ path }) => ({
      contents: sources[path] as string,
      loader: 'ts',
      resolveDir: folder,
    }));
  },
});

const runNode = async (
  file: string,
  { args = [], env = {}, cwd, timeout = 50_000 }: ProgramOptions = {},
): Promise<ProgramResult> => {
  const { NODE_OPTIONS, NODE_TEST_CONTEXT, ...inherited } = process.env;
  const child = spawn(process.execPath, [...args, file], {
    env: { ...inherited, ...env },
    ...(cwd !== undefined && { cwd }),
    timeout,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, status] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended]);
  return { stdout: String(stdout), stderr: String(stderr), status };
};
