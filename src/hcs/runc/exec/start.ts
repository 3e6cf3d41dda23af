/**
 * Starts a process beside the init.
 */
import { writeFileSync } from 'node:fs';
import { Observable } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { hostProcess } from '../../native/process/host-process.js';
import { type Container, mustLive } from '../container-state.js';
import { connectionFor } from '../launch/connection.js';
import { startInside } from '../launch/launch.js';
import { execDocument } from './document.js';
import { execTree } from './tree.js';

/** How long a runtime may go on starting a process in a container that has ended, in milliseconds. */
const patience = 5_000;

export const startExec = (
  container: Container,
  parameters: ProcessParameters,
  descriptors: Descriptors,
): Observable<ComputeProcess> =>
  new Observable((subscriber) => {
    mustLive(container);
    const { settings, runtime, life, config, marks } = container;
    const document = execDocument(parameters.OciProcess, config?.process ?? {});
    let timer: NodeJS.Timeout | undefined;
    const givingUp = (stop: () => void) =>
      life.exit$.subscribe(() => {
        timer = setTimeout(stop, patience);
      });
    let watch: ReturnType<typeof givingUp> | undefined;
    const mark = marks.next();
    startInside(
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
        connect: connectionFor(parameters, descriptors, {
          terminal: document.terminal === true,
          owner: settings.owner,
        }),
        begun: (stop) => {
          watch = givingUp(stop);
        },
      },
      (result) => {
        watch?.unsubscribe();
        clearTimeout(timer);
        if (result instanceof Error) {
          marks.ended(mark);
          return subscriber.error(result);
        }
        const { launched, streams } = result;
        life.admit(launched);
        launched.exit$.subscribe(() => marks.ended(mark));
        subscriber.next(hostProcess(launched, streams, execTree(container, launched, mark)));
        subscriber.complete();
      },
    );
  });
