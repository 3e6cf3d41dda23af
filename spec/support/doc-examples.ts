/** The code blocks of a document, and how to run them as programs that import the package under its own name. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** All blocks of TypeScript in a document of this project, in order. */
export const tsBlocks = (document: string): readonly string[] =>
  [...readFileSync(join(root, document), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, code]) => code as string,
  );

/** The only block of the document that contains the text. */
export const blockWith = (document: string, text: string): string => {
  const found = tsBlocks(document).filter((code) => code.includes(text));
  if (found.length !== 1) throw new Error(`${found.length} blocks of ${document} contain ${text}`);
  return found[0] as string;
};

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** How long a program of a document may run, in milliseconds. It is then killed, and the result says so. */
const timeout = 50_000;

/**
 * Runs TypeScript as a program of its own. A program that hangs is killed, and has no status.
 *
 * @param args for node, before the file.
 * @param files TypeScript that the program imports, by name.
 */
export const runProgram = (
  code: string,
  args: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): RunResult => {
  mkdirSync(join(root, 'dist-tools'), { recursive: true });
  // Inside the checkout, so that it finds the package by its name.
  const folder = mkdtempSync(join(root, 'dist-tools', 'example-'));
  try {
    for (const [name, text] of Object.entries({ ...files, 'example.mjs': code }))
      writeFileSync(join(folder, name), transformSync(text, { loader: 'ts' }).code);
    const file = join(folder, 'example.mjs');
    const { NODE_OPTIONS, NODE_TEST_CONTEXT, ...env } = process.env;
    const { stdout, stderr, status } = spawnSync(process.execPath, [...args, file], {
      encoding: 'utf8',
      env,
      timeout,
      killSignal: 'SIGKILL',
    });
    return { stdout, stderr, status };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
