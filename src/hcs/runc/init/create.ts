/**
 * Makes the container with its init, held before its program begins.
 */
import { Observable } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { RxshimError } from '../../failures/errors.js';
import { hostProcess } from '../../native/process/host-process.js';
import { readConfig } from '../config.js';
import { admitInit, type Container } from '../container-state.js';
import { endInit, signalInit } from '../end-container.js';
import { connectionFor } from '../launch/connection.js';
import { type Inside, startInside } from '../launch/launch.js';
import { discardFailed } from './discard-failed.js';
import { initTree } from './tree.js';

/** Emits the init. What fails leaves no container behind. */
export const makeInit = (
  container: Container,
  parameters: ProcessParameters,
  descriptors: Descriptors,
): Observable<ComputeProcess> =>
  new Observable((subscriber) => {
    const { settings, runtime, underWay } = container;
    const { id, bundle, making, owner } = settings;
    if (container.phase !== 'new') throw new RxshimError('alreadyExists', `container ${id}`);
    const config = readConfig(bundle);
    container.config = config;
    container.phase = 'making';
    const began = Date.now();

    const failed = (error: Error): void => {
      discardFailed(runtime, id, { error, began }).subscribe({
        complete: () => {
          container.phase = 'new';
          if (container.ending) container.life.leave({ reason: 'ended' });
          subscriber.error(error);
        },
      });
    };

    startInside(
      runtime,
      {
        verb: 'create',
        options: () => ['--bundle', bundle, ...making],
        operands: [id],
        connect: connectionFor(parameters, descriptors, {
          terminal: config.process.terminal === true,
          owner,
        }),
        begun: (stop) => underWay.add(stop),
      },
      (result) => {
        underWay.clear();
        if (result instanceof Error) return failed(result);
        container.phase = 'held';
        subscriber.next(initProcess(container, result));
        subscriber.complete();
        // Told to end while it was being made.
        if (container.ending) endInit(container).subscribe({ error: () => undefined });
      },
    );
  });

/** The init as a process: its signals go by way of the runtime. */
export const initProcess = (container: Container, { launched, streams }: Inside): ComputeProcess => {
  admitInit(container, launched);
  const init: ComputeProcess = {
    ...hostProcess(launched, streams),
    signal: ({ Signal }) => signalInit(container, Signal),
    kill: () => endInit(container),
  };
  return { ...init, tree: initTree(container, init) };
};
