/**
 * The built program, run as its users run it. Waits for what it says and for its end, never for a time to pass.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe } from '@jest/globals';

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
if (!existsSync(main)) throw new Error('these specs run dist: npm run build');

/** What hosts processes here is Linux's. */
export const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

/** Neither a collector nor colours of who runs the specs. */
const { OTEL_EXPORTER_OTLP_ENDPOINT: _, NO_COLOR: __, FORCE_COLOR: ___, ...env } = process.env;

export interface Ended {
  readonly code: number | null;
  /** Of a program that a signal ended. */
  readonly signal?: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles when the program, or its command, has written this. */
  said(pattern: RegExp): Promise<void>;
}

export interface Start {
  readonly input?: string;
  readonly stdio?: StdioOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** In a process group of its own. */
  readonly detached?: boolean;
}

export const start = (
  args: readonly string[],
  { input, stdio = 'pipe', env: more = {}, detached = false }: Start = {},
): Running => {
  const child = spawn(process.execPath, [main, ...args], { stdio, env: { ...env, ...more }, detached });
  const said = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listener of listeners) listener();
    });
  }
  // A command that reads nothing is no failure of who writes.
  child.stdin?.on('error', () => undefined).end(input ?? '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, ...(signal && { signal }), ...said }));
  });
  return {
    child,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(said.stdout + said.stderr)) resolve();
        };
        listeners.add(look);
        look();
        ended.then(
          ({ stdout, stderr }) => reject(new Error(`ended before ${pattern}: ${stdout}${stderr}`)),
          reject,
        );
      }),
  };
};

export const rxshim = (args: readonly string[], options?: Start): Promise<Ended> =>
  start(args, options).ended;

/** `rxshim run … -- sh -c SCRIPT` */
export const shell = (script: string, ...options: string[]): string[] => [
  'run',
  ...options,
  '--',
  'sh',
  '-c',
  script,
];

/** Where the specs of one file may write. */
export const scratch = (): ((name: string) => string) => {
  const directory = mkdtempSync(join(tmpdir(), 'rxshim-cli-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  return (name) => join(directory, name);
};
