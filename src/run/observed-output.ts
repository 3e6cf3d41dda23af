/** Which output of a process a run observes and keeps. */
import { from, map, type Observable } from 'rxjs';
import type { Exec } from '../streams/exec/interface.js';
import type { OutputChunk } from '../streams/stdio/output-stream.js';

/** `undefined` where there is none. */
export type ObserveOutput = (exec: Exec) => Observable<OutputChunk> | undefined;

/** The output that was requested as `'pipe'`. */
export const bothOutputs: ObserveOutput = (exec) =>
  exec.stdout === undefined && exec.stderr === undefined ? undefined : exec.output$;

/** Where the next process of a pipeline reads stdout. */
export const stderrAlone: ObserveOutput = ({ stderr }) =>
  stderr && from(stderr).pipe(map((bytes): OutputChunk => ({ stream: 'stderr', bytes, at: Date.now() })));
