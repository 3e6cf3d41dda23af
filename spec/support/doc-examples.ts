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

export interface ProgramOfPage {
  readonly title: string;
  readonly code: string;
  readonly output: string;
}

/** The blocks of TypeScript that are followed by what they print, each under its heading. */
export const withOutput = (document: string): readonly ProgramOfPage[] => {
  let title = document;
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/## ([^\n]*)\n|```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].flatMap(
    ([, heading, code, output]) => {
      title = heading ?? title;
      return code === undefined ? [] : [{ title, code, output: output as string }];
    },
  );
};

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

export interface ProgramOptions {
  /** For node, before the file. */
  readonly args?: readonly string[];
  /** TypeScript that the program imports, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** In milliseconds. */
  readonly timeout?: number;
}

/** Runs TypeScript as a program of its own. A program that hangs is killed, and has no status. */
export const runProgram = (
  code: string,
  { args = [], files = {}, timeout = 50_000 }: ProgramOptions = {},
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
