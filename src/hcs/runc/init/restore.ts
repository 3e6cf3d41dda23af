/**
 * An init that `start` restores from a checkpoint. Until then nothing of it runs.
 */
import { closeSync } from 'node:fs';
import { AsyncSubject, defer, EMPTY, Observable, of } from 'rxjs';
import type { ComputeProcess, Delivery, ProcessExit } from '../../contract/compute-process.js';
import type { Descriptors } from '../../contract/compute-system.js';
import { signaled } from '../../contract/exit-code.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { RxshimError } from '../../failures/errors.js';
import { duplicate } from '../../native/descriptor/duplicate.js';
import { act } from '../../native/process/stream-acts.js';
import { readConfig } from '../config.js';
import type { ContainerState } from '../container-state.js';
import { endInit } from '../end-container.js';
import { connectionFor } from '../launch/connection.js';
import { launchInContainer } from '../launch/launch.js';
import { initProcess } from './create.js';
import { discardFailed } from './discard-failed.js';

export interface RestorableInit {
  /** The init, with pid 0 and without streams until it is restored. */
  readonly process: ComputeProcess;
  restore(): Observable<never>;
}

/** @throws RxshimError if the container exists already or its bundle has no config.json. */
export const restorableInit = (
  container: ContainerState,
  parameters: ProcessParameters,
  descriptors: Descriptors,
): RestorableInit => {
  const { settings, runtime, tracker, inFlight } = container;
  const { id, bundle, createOptions, owner, restoreOptions = [] } = settings;
  if (container.phase !== 'new') throw new RxshimError('alreadyExists', `container ${id}`);
  const config = readConfig(bundle);
  container.config = config;
  container.phase = 'created';
  const exit$ = new AsyncSubject<ProcessExit>();
  let restored: ComputeProcess | undefined;
  let ended = false;
  // Duplicated, because the caller may close its descriptors before `start`.
  let duplicates = Object.entries(descriptors).map(([name, fd]) => [name, duplicate(fd)] as const);
  const closeDescriptors = (): void => {
    for (const [, fd] of duplicates) closeSync(fd);
    duplicates = [];
  };

  const discard = (): void => {
    container.discard = undefined;
    ended = true;
    closeDescriptors();
    exit$.next(signaled(9));
    exit$.complete();
    tracker.settle({ reason: 'ended' });
  };
  container.discard = discard;

  const restore = (): Observable<never> =>
    new Observable((subscriber) => {
      if (ended) throw new RxshimError('failedPrecondition', `container ${id} has ended`);
      const began = Date.now();
      container.discard = undefined;
      launchInContainer(
        runtime,
        {
          verb: 'restore',
          options: () => [
            '--detach',
            '--no-subreaper',
            ...restoreOptions,
            '--bundle',
            bundle,
            ...createOptions,
          ],
          operands: [id],
          connect: connectionFor(parameters, Object.fromEntries(duplicates), {
            terminal: config.process.terminal === true,
            owner,
          }),
          onSpawn: (stop) => inFlight.add(stop),
        },
        (result) => {
          inFlight.clear();
          if (result instanceof Error) {
            discardFailed(runtime, id, { error: result, began }).subscribe({
              complete: () => {
                if (container.terminating) discard();
                else container.discard = discard;
                subscriber.error(result);
              },
            });
            return;
          }
          closeDescriptors();
          container.phase = 'running';
          restored = initProcess(container, result);
          restored.exit$.subscribe(exit$);
          subscriber.complete();
          if (container.terminating) endInit(container).subscribe({ error: () => undefined });
        },
      );
    });

  const whenRestored = <T>(ask: (process: ComputeProcess) => Observable<T>, otherwise: Observable<T>) =>
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
      whenRestored(
        (init) => init.signal(options),
        options.Signal === 9 ? endInit(container) : of<Delivery>('notDelivered'),
      ),
    kill: () => endInit(container),
    resizeConsole: (size) => whenRestored((init) => init.resizeConsole(size), EMPTY),
    closeStdin: () => whenRestored((init) => init.closeStdin(), EMPTY),
    closeStdout: () => whenRestored((init) => init.closeStdout(), EMPTY),
    closeStderr: () => whenRestored((init) => init.closeStderr(), EMPTY),
    close: () => whenRestored((init) => init.close(), act(closeDescriptors)),
  };
  return { process, restore };
};
