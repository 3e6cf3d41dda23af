/** The first process of a container, as compute systems offer them. Its tree is all of the container. */

import { concat, defer, firstValueFrom, from, map, type Observable, of, timeout } from 'rxjs';
import type { ComputeProcess, Delivery, ProcessExit } from '../../contract/compute-process.js';
import { signaled, statusWhenKilled, unknownExit } from '../../contract/exit-code.js';
import { systemExitOf } from '../../remote/system-exit.js';
import { type Attachment, attachedProcess, type Wanted } from '../stdio/attached-process.js';
import { killContainer } from './api-calls.js';
import type { FoundExit } from './await-exit.js';
import { type Container, idOf, inspect, leave } from './container.js';
import { signalBeside } from './signal-beside.js';

export const initProcess = (
  container: Container,
  attachment: Attachment,
  wanted: Wanted,
  exit: Promise<FoundExit>,
): ComputeProcess => {
  const { api, name } = container;
  const subject = { api, name: `container ${name}`, path: `/containers/${idOf(container)}` };
  const { attached, exited } = attachedProcess(subject, attachment, wanted);

  /** It has ended for certain. */
  let isOver = false;
  const send = (signal: number): Observable<Delivery> =>
    defer(() => (isOver ? of<Delivery>('notDelivered') : killContainer(container, signal)));

  const ended = async (): Promise<void> => {
    const found = await exit;
    isOver = found.exit.kind !== 'unknown';
    if (container.exit$.isStopped) return;
    await noteOom(container, found.exit);
    container.phase = 'ended';
    // Nothing of a container outlives its first process: what is on its way is all.
    attachment.output.writersGone();
    exited(found.exit);
    // The exits of its processes are reported before that of the system.
    if (!found.lost) await execsEnded(container);
    setImmediate(() => leave(container, systemExitOf(found)));
  };
  void ended();
  // Closed, or never started: then its end is not waited for any longer.
  container.exit$.subscribe(({ reason }) =>
    exited(
      unknownExit(reason === 'closed' ? 'the handle of its container was closed' : 'it was never started'),
    ),
  );

  /** There is no process before the start: what is held is ended here, and never starts. */
  const kill = (): Observable<Delivery> =>
    defer(() => {
      if (container.phase !== 'created') return send(sigkill);
      container.phase = 'ended';
      exited(signaled(sigkill));
      leave(container, { reason: 'ended' });
      return of('delivered' as const);
    });

  return {
    ...attached,
    get pid() {
      return container.details?.State.Pid ?? 0;
    },
    signal: ({ Signal }) => send(Number(Signal)),
    kill,
    tree: {
      signal: ({ Signal }) => concat(signalBeside(container, Number(Signal)), send(Number(Signal))),
      kill,
      gone$: container.exit$.pipe(map(() => undefined)),
    },
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
