/** The first process of a container, as compute systems offer them. Its tree is all of the container. */

import { AsyncSubject, concat, defer, firstValueFrom, from, map, type Observable, of, timeout } from 'rxjs';
import { act } from '../../contract/act.js';
import type { ComputeProcess, Delivery, ProcessExit } from '../../contract/compute-process.js';
import { consoleSizeOf } from '../../contract/console-size.js';
import { signaled, statusWhenKilled, unknownExit } from '../../contract/exit-code.js';
import { RxshimError } from '../../failures/errors.js';
import type { Input } from '../stdio/input.js';
import type { Output } from '../stdio/output.js';
import { killContainer } from './api-calls.js';
import type { FoundExit } from './await-exit.js';
import { type Container, idOf, inspect, leave } from './container.js';
import { signalBeside } from './signal-beside.js';

export interface Streams {
  readonly input: Input | undefined;
  readonly output: Output;
  /** Whether they are wanted. */
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export const initProcess = (
  container: Container,
  { input, output, stdout, stderr }: Streams,
  exit: Promise<FoundExit>,
  terminal: boolean,
): ComputeProcess => {
  const exit$ = new AsyncSubject<ProcessExit>();
  if (!stdout) output.stdout.close();
  if (!stderr) output.stderr.close();

  const ended = async (): Promise<void> => {
    const found = await exit;
    if (container.exit$.isStopped) return;
    await noteOom(container, found.exit);
    container.phase = 'ended';
    // Nothing of a container outlives its first process: what is on its way is all.
    output.writersGone();
    input?.close();
    exit$.next(found.exit);
    exit$.complete();
    // The exits of its processes are reported before that of the system.
    if (!found.lost) await execsEnded(container);
    const reason = found.exit.kind === 'unknown' && found.lost ? 'lost' : 'ended';
    setImmediate(() =>
      leave(container, {
        reason,
        ...(reason === 'lost' && found.exit.kind === 'unknown' && { error: new Error(found.exit.reason) }),
      }),
    );
  };
  void ended();
  // Closed, or never started: then its end is not waited for any longer.
  container.exit$.subscribe(({ reason }) => {
    exit$.next(
      unknownExit(reason === 'closed' ? 'the handle of its container was closed' : 'it was never started'),
    );
    exit$.complete();
  });

  /** There is no process before the start: what is held is ended here, and never starts. */
  const kill = (): Observable<Delivery> =>
    defer(() => {
      if (container.phase !== 'created') return killContainer(container, sigkill);
      container.phase = 'ended';
      exit$.next(signaled(sigkill));
      exit$.complete();
      leave(container, { reason: 'ended' });
      return of('delivered' as const);
    });

  return {
    get pid() {
      return container.details?.State.Pid ?? 0;
    },
    stdio: {
      ...(input && { stdin: input }),
      ...(stdout && { stdout: output.stdout }),
      ...(stderr && { stderr: output.stderr }),
    },
    exit$: exit$.asObservable(),
    signal: ({ Signal }) => killContainer(container, Number(Signal)),
    kill,
    tree: {
      signal: ({ Signal }) =>
        concat(signalBeside(container, Number(Signal)), killContainer(container, Number(Signal))),
      kill,
      gone$: container.exit$.pipe(map(() => undefined)),
    },
    resizeConsole: (size) =>
      defer(() => {
        if (!terminal)
          throw new RxshimError('failedPrecondition', `container ${container.name} has no terminal`);
        const { width: w, height: h } = consoleSizeOf(size);
        return container.api.call({
          method: 'POST',
          path: `/containers/${idOf(container)}/resize`,
          query: { h, w },
          what: `resize the terminal of container ${container.name}`,
        });
      }),
    closeStdin: () => act(() => input?.halfClose()),
    closeStdout: () => act(() => output.stdout.close()),
    closeStderr: () => act(() => output.stderr.close()),
    close: () =>
      act(() => {
        input?.close();
        output.close();
      }),
  };
};

const sigkill = 9;

/** The daemon reports each exit by itself, so the one of the container may arrive first. */
const execsEnded = async ({ execExits }: Container): Promise<void> => {
  if (execExits.size === 0) return;
  const exits = [...execExits].map((watch) => {
    watch.look();
    return watch.exit;
  });
  const late = timeout({ first: execExitTimeout, with: () => of([]) });
  await firstValueFrom(from(Promise.all(exits)).pipe(late));
};

/** In milliseconds. An exec whose exit the daemon does not report until then ends as `unknown`. */
const execExitTimeout = 2_000;

/** Until the container is removed, the daemon knows whether the kernel killed it because it was out of memory. */
const noteOom = async (container: Container, exit: ProcessExit): Promise<void> => {
  if (container.oom === 'reported' || exit.kind === 'unknown' || exit.code !== statusWhenKilled) return;
  try {
    const { State } = await inspect(container);
    if (State.OOMKilled && !isReported(container)) container.oom$.next();
  } catch {
    // Removed, or the daemon is gone: nothing is known of it.
  }
};

/** The event may have come meanwhile. */
const isReported = ({ oom }: Container): boolean => oom === 'reported';
