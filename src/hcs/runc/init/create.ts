/**
 * Creates the container. Its init waits for `start` before it runs the user's program.
 */
import { Observable } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { RxshimError } from '../../failures/errors.js';
import { hostProcess } from '../../native/process/host-process.js';
import { readConfig } from '../config.js';
import { type ContainerState, trackInit } from '../container-state.js';
import { endInit, signalInit } from '../end-container.js';
import { launchInContainer, type ProcessInContainer } from '../launch/launch.js';
import { streamKeeper } from '../launch/stream-keeper.js';
import { recordedLaunch } from '../records/recorded-launch.js';
import { discardFailed } from './discard-failed.js';
import { initTree } from './tree.js';

/** Emits the init. A failed create leaves no container behind. */
export const createInit = (
  container: ContainerState,
  parameters: ProcessParameters,
  descriptors: Descriptors,
): Observable<ComputeProcess> =>
  new Observable((subscriber) => {
    const { settings, runtime, inFlight, records } = container;
    const { id, bundle, createOptions, owner } = settings;
    if (container.phase !== 'new') throw new RxshimError('alreadyExists', `container ${id}`);
    const config = readConfig(bundle);
    container.config = config;
    const terminal = config.process.terminal === true;
    recordTask(container, terminal);
    container.phase = 'creating';
    const began = Date.now();
    const recorded = recordedLaunch(records?.init, {
      parameters,
      descriptors,
      terminal,
      owner,
      keeper: streamKeeper(id, ''),
    });

    const failed = (error: Error): void => {
      discardFailed(runtime, id, { error, began }).subscribe({
        complete: () => {
          records?.remove();
          container.phase = 'new';
          if (container.terminating) container.tracker.settle({ reason: 'ended' });
          subscriber.error(error);
        },
      });
    };

    launchInContainer(
      runtime,
      {
        verb: 'create',
        options: () => ['--bundle', bundle, ...createOptions],
        operands: [id],
        connect: recorded.connect,
        pidFile: recorded.pidFile,
        onSpawn: (stop) => inFlight.add(stop),
      },
      (result) => {
        inFlight.clear();
        if (result instanceof Error) return failed(result);
        container.phase = 'created';
        recorded.started(result.launched, container.tracker.exit$);
        subscriber.next(initProcess(container, result));
        subscriber.complete();
        // `terminate` was called during the create.
        if (container.terminating) endInit(container).subscribe({ error: () => undefined });
      },
    );
  });

/** Before the runtime knows of the container: from here on a successor finds it. */
const recordTask = ({ records, settings }: ContainerState, terminal: boolean): void => {
  if (settings.records === undefined) return;
  const { id, bundle } = settings;
  const { labels, runtime } = settings.records;
  records?.create({ id, bundle, ...runtime, labels, createdAt: Date.now() }, { terminal });
};

/** The init as a process. Its signals are sent by `runc kill`. */
export const initProcess = (
  container: ContainerState,
  { launched, streams }: ProcessInContainer,
): ComputeProcess => {
  trackInit(container, launched);
  const init: ComputeProcess = {
    ...hostProcess(launched, streams),
    signal: ({ Signal }) => signalInit(container, Signal),
    kill: () => endInit(container),
  };
  return { ...init, tree: initTree(container, init) };
};
