/** A process of this Windows, as compute systems offer them. */
import { AsyncSubject, defer, EMPTY, of } from 'rxjs';
import type { Act, ComputeProcess, ConsoleSize, ProcessExit } from '../../contract/compute-process.js';
import { exited } from '../../contract/exit-code.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import { watchProcess } from './process-handle.js';
import type { Streams } from './streams.js';

/** Takes the handle over. */
export const localProcess = (
  { pid, handle }: { readonly pid: number; readonly handle: number },
  streams: Streams,
): ComputeProcess => {
  const exit$ = new AsyncSubject<ProcessExit>();
  const { kill } = watchProcess(handle, (code) => {
    streams.ended();
    exit$.next(exited(code));
    exit$.complete();
  });
  return {
    pid,
    stdio: streams.stdio,
    exit$: exit$.asObservable(),
    // Of control events there are none across consoles; the table asks for none.
    signal: ({ Signal }) =>
      defer(() => {
        throw invalid('Signal', Signal, 'no signal but a kill');
      }),
    kill: () => defer(() => of(kill() ? ('delivered' as const) : ('notDelivered' as const))),
    resizeConsole: (size) => act(() => resize(pid, streams, size)),
    closeStdin: () => act(streams.closeStdin),
    closeStdout: () => act(streams.closeStdout),
    closeStderr: () => act(streams.closeStderr),
    // Its end is watched for all the same.
    close: () => act(streams.close),
  };
};

/** Something that is done as soon as it is asked, or fails. */
export const act = (work: () => void): Act =>
  defer(() => {
    work();
    return EMPTY;
  });

const resize = (pid: number, streams: Streams, { width, height }: ConsoleSize): void => {
  if (!streams.resize) throw new RxshimError('failedPrecondition', `process ${pid} has no terminal`);
  streams.resize({ width, height });
};
