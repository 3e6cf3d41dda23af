/** Runs a program to its end, and keeps what it says. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

export interface Ended {
  /** Of a signal: 128 and its number would be a guess of ours, so there is none. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles when the program has said this, on either stream. */
  said(pattern: RegExp): Promise<void>;
}

export interface RunOptions extends SpawnOptions {
  /** What it gets on its stdin; `null` leaves stdin open. */
  readonly input?: string | Uint8Array | null;
}

export const running = (
  program: string,
  args: readonly string[],
  { input = '', ...options }: RunOptions = {},
): Running => {
  const child = spawn(program, args, options);
  const texts = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      for (const listener of listeners) listener();
    });
  }
  // A program that reads nothing is no failure of who writes.
  child.stdin?.on('error', () => undefined);
  if (input !== null) child.stdin?.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
  return {
    child,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(texts.stdout + texts.stderr)) return;
          listeners.delete(look);
          resolve();
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

export const run = (program: string, args: readonly string[], options?: RunOptions): Promise<Ended> =>
  running(program, args, options).ended;

/** Looks again until it holds, and gives up long after it should have. */
export const until = async <T>(look: () => T | Promise<T>): Promise<NonNullable<T>> => {
  for (const end = performance.now() + timeout; performance.now() < end; ) {
    const seen = await look();
    if (seen) return seen as NonNullable<T>;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`not within ${timeout} ms: ${look}`);
};

/** Less than a spec has, so that it is the spec that fails, and says where. */
const timeout = 40_000;
