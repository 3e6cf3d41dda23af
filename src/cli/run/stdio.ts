/**
 * The stdio of the command: this program's own descriptors, or with `-t` a terminal in between, which is shown on the
 * user's terminal and follows its size.
 *
 * As with Docker, a command without `-i` gets no input: its stdin is at end of file.
 */
import { EMPTY, type Observable, skip, switchMap } from 'rxjs';
import type { ConsoleSize } from '../../hcs/contract/compute-process.js';
import type { Exec, StdioRequest } from '../../index.js';
import type { RunSettings } from '../options/run-settings.js';
import { rawMode } from '../terminal/raw-mode.js';
import { terminalSize$ } from '../terminal/resizes.js';
import { sizeOf } from '../terminal/screen.js';
import type { Asked } from '../timeline/facts.js';

export interface Stdio {
  readonly request: StdioRequest;
  /** The size of the command's terminal. */
  size(): ConsoleSize;
  /** Resizes the command's terminal with the user's. @returns a function that ends it. */
  follow(exec: Exec, ask: (asked: Asked) => void): () => void;
  /** Restores the user's terminal. */
  close(): void;
}

type Choice = Pick<RunSettings, 'terminal' | 'interactive'>;

/** @param taken the number of lines of the user's terminal that are not for the command. */
export const openStdio = ({ terminal, interactive }: Choice, taken: number): Stdio => {
  const stdin = interactive ? 'inherit' : 'ignore';
  const below = ({ width, height }: ConsoleSize): ConsoleSize => ({
    width,
    height: Math.max(height - taken, 1),
  });
  const size = () => below(sizeOf(1) ?? sizeOf(2) ?? { width: 80, height: 24 + taken });
  if (!terminal) {
    const request: StdioRequest = { stdin, stdout: 'inherit', stderr: 'inherit' };
    return { request, size, follow: () => ignore, close: ignore };
  }
  // Without -i the keys belong to this program, such as Ctrl-C.
  const close = interactive ? rawMode(process.stdin, taken === 0) : ignore;
  const follow: Stdio['follow'] = (exec, ask) => {
    const resized$: Observable<unknown> = terminalSize$.pipe(
      // The first one is the initial size.
      skip(1),
      switchMap((now) => {
        const { width, height } = below(now);
        if (exec.state !== 'running') return EMPTY;
        ask({ exec: exec.id, to: 'resize', what: `${width}x${height}` });
        return exec.resizePty({ width, height });
      }),
    );
    const subscription = resized$.subscribe();
    return () => subscription.unsubscribe();
  };
  return { request: { stdin, stdout: 'inherit', terminal }, size, follow, close };
};

const ignore = (): void => undefined;
