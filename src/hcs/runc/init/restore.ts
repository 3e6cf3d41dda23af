/**
 * An init that is restored from a checkpoint: nothing of it runs until the container is started.
 */
import { closeSync } from 'node:fs';
import { AsyncSubject, defer, EMPTY, Observable, of } from 'rxjs';
import type { ComputeProcess, Delivery, ProcessExit } from '../../contract/compute-process.js';
import type { Descriptors } from '../../contract/compute-system.js';
import { signaled } from '../../contract/exit-code.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { RxshimError } from '../../failures/errors.js';
import { duplicate } from '../../native/descriptor/duplicate.js';
import { act } from '../../native/process/host-process.js';
import { readConfig } from '../config.js';
import type { Container } from '../container-state.js';
import { endInit } from '../end-container.js';
import { connectionFor } from '../launch/connection.js';
import { startInside } from '../launch/launch.js';
import { initProcess } from './create.js';
import { discardFailed } from './discard-failed.js';

export interface Restoration {
  /** The init, with process id 0 and without streams until it is restored. */
  readonly process: ComputeProcess;
  restore(): Observable<never>;
}

/** @throws RxshimError for a container that exists already, or has no document. */
export const restoration = (
  container: Container,
  parameters: ProcessParameters,
  descriptors: Descriptors,
): Restoration => {
  const { settings, runtime, life, underWay } = container;
  const { id, bundle, making, owner, restoring = [] } = settings;
  if (container.phase !== 'new') throw new RxshimError('alreadyExists', `container ${id}`);
  const config = readConfig(bundle);
  container.config = config;
  container.phase = 'held';
  const exit$ = new AsyncSubject<ProcessExit>();
  let restored: ComputeProcess | undefined;
  let ended = false;
  // The caller's may be closed by the time it is started.
  let held = Object.entries(descriptors).map(([name, fd]) => [name, duplicate(fd)] as const);
  const letGo = (): void => {
    for (const [, fd] of held) closeSync(fd);
    held = [];
  };

  const discard = (): void => {
    container.discard = undefined;
    ended = true;
    letGo();
    exit$.next(signaled(9));
    exit$.complete();
    life.leave({ reason: 'ended' });
  };
  container.discard = discard;

  const restore = (): Observable<never> =>
    new Observable((subscriber) => {
      if (ended) throw new RxshimError('failedPrecondition', `container ${id} has ended`);
      const began = Date.now();
      container.discard = undefined;
      startInside(
        runtime,
        {
          verb: 'restore',
          options: () => ['--detach', '--no-subreaper', ...restoring, '--bundle', bundle, ...making],
          operands: [id],
          connect: connectionFor(parameters, Object.fromEntries(held), {
            terminal: config.process.terminal === true,
            owner,
          }),
          begun: (stop) => underWay.add(stop),
        },
        (result) => {
          underWay.clear();
          if (result instanceof Error) {
            discardFailed(runtime, id, { error: result, began }).subscribe({
              complete: () => {
                if (container.ending) discard();
                else container.discard = discard;
                subscriber.error(result);
              },
            });
            return;
          }
          letGo();
          container.phase = 'running';
          restored = initProcess(container, result);
          restored.exit$.subscribe(exit$);
          subscriber.complete();
          if (container.ending) endInit(container).subscribe({ error: () => undefined });
        },
      );
    });

  const ofRestored = <T>(ask: (process: ComputeProcess) => Observable<T>, otherwise: Observable<T>) =>
    defer(() => (restored ? ask(restored) : otherwise));

  const process: ComputeProcess = {
    get pid() {
      return restored?.pid ?? 0;
    },
    get stdio() {
      return restored?.stdio ?? {};
    },
    exit$: exit$.asObservable(),
    signal: (options) =>
      ofRestored(
        (init) => init.signal(options),
        options.Signal === 9 ? endInit(container) : of<Delivery>('notDelivered'),
      ),
    kill: () => endInit(container),
    resizeConsole: (size) => ofRestored((init) => init.resizeConsole(size), EMPTY),
    closeStdin: () => ofRestored((init) => init.closeStdin(), EMPTY),
    closeStdout: () => ofRestored((init) => init.closeStdout(), EMPTY),
    closeStderr: () => ofRestored((init) => init.closeStderr(), EMPTY),
    close: () => ofRestored((init) => init.close(), act(letGo)),
  };
  return { process, restore };
};
