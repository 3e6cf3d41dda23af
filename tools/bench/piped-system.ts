/** A scripted system whose processes have pipes of the kernel, made as the engines of this host make them. */
import { writeSync } from 'node:fs';
import { AsyncSubject, defer, EMPTY, type Observable, of } from 'rxjs';
import type { ProcessExit } from '../../src/hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../src/hcs/contract/compute-system.js';
import { pipeStreams } from '../../src/hcs/native/pipe/pipe-streams.js';
import { scriptedSystem } from '../../src/hcs/simulated/scripted-system.js';

export interface PipedProcess {
  write(bytes: Uint8Array): void;
  /** Closes its ends of the pipes, and exits. */
  exit(code: number): void;
}

export interface PipedSystem {
  readonly system: ComputeSystem;
  takeProcess(): PipedProcess;
}

export const pipedSystem = (): PipedSystem => {
  const processes: PipedProcess[] = [];
  const created: ComputeSystem['createProcess'] = (parameters) => {
    const streams = pipeStreams(parameters, {});
    const exit$ = new AsyncSubject<ProcessExit>();
    const close = (work: () => void) => (): Observable<never> =>
      defer(() => {
        work();
        return EMPTY;
      });
    const [, stdout] = streams.child as readonly (number | undefined)[];
    processes.push({
      write: (bytes) => writeSync(stdout as number, bytes),
      exit: (code) => {
        streams.started();
        exit$.next({ kind: 'exited', code });
        exit$.complete();
      },
    });
    return of({
      pid: 1,
      exit$,
      stdio: streams.stdio,
      signal: () => of('delivered' as const),
      kill: () => of('delivered' as const),
      resizeConsole: () => EMPTY,
      closeStdin: close(streams.closeStdin),
      closeStdout: close(streams.closeStdout),
      closeStderr: close(streams.closeStderr),
      close: close(streams.close),
    });
  };
  return {
    system: { ...scriptedSystem(), createProcess: created },
    takeProcess: () => processes.pop() as PipedProcess,
  };
};
