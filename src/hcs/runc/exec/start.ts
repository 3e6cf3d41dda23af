/**
 * Starts a process in a running container: `runc exec`.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { Observable } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { Descriptors, ProcessIdentity } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { hostProcess } from '../../native/process/host-process.js';
import { forgottenWhenClosed } from '../../native/records/forgotten-when-closed.js';
import { assertInitRunning, type ContainerState } from '../container-state.js';
import { launchInContainer } from '../launch/launch.js';
import { streamKeeper } from '../launch/stream-keeper.js';
import { recordedLaunch } from '../records/recorded-launch.js';
import { execDocument } from './document.js';
import { keptPidFile } from './kept-pid-file.js';
import { execTree } from './tree.js';

/** How long `runc exec` may still run after the container has ended, in milliseconds. */
const startTimeout = 5_000;

export const startExec = (
  container: ContainerState,
  parameters: ProcessParameters,
  descriptors: Descriptors,
  identity?: ProcessIdentity,
): Observable<ComputeProcess> =>
  new Observable((subscriber) => {
    assertInitRunning(container);
    const { settings, runtime, tracker, config, marks } = container;
    const document = execDocument(parameters.OciProcess, config?.process ?? {});
    let timer: NodeJS.Timeout | undefined;
    const stopAfterExit = (stop: () => void) =>
      tracker.exit$.subscribe(() => {
        timer = setTimeout(stop, startTimeout);
      });
    let watch: ReturnType<typeof stopAfterExit> | undefined;
    const terminal = document.terminal === true;
    const records = identity && container.records?.addExec(identity.id, terminal);
    const recorded = recordedLaunch(records, {
      parameters,
      descriptors,
      terminal,
      owner: settings.owner,
      keeper: identity && streamKeeper(settings.id, identity.id),
    });
    const pidFile = identity && keptPidFile(settings.bundle, identity.id);
    if (pidFile !== undefined) rmSync(pidFile, { force: true });
    const mark = marks.next();
    launchInContainer(
      runtime,
      {
        verb: 'exec',
        options: (scratch) => {
          const path = scratch.path('process.json');
          writeFileSync(path, JSON.stringify(document));
          return ['--detach', '--process', path];
        },
        operands: [settings.id],
        ...(mark !== undefined && { mark }),
        connect: recorded.connect,
        pidFile: recorded.pidFile ?? pidFile,
        onSpawn: (stop) => {
          watch = stopAfterExit(stop);
        },
      },
      (result) => {
        watch?.unsubscribe();
        clearTimeout(timer);
        if (result instanceof Error) {
          marks.ended(mark);
          records?.remove();
          return subscriber.error(result);
        }
        const { launched, streams } = result;
        tracker.track(launched);
        recorded.started(launched, launched.exit$);
        launched.exit$.subscribe(() => marks.ended(mark));
        const process = hostProcess(launched, streams, execTree(container, launched, mark));
        subscriber.next(forgottenWhenClosed(process, records));
        subscriber.complete();
      },
    );
  });
