/**
 * Operations on a container as a whole: pause and resume, new limits, a checkpoint. They run one at a time in the
 * container's queue (`call-policy.ts`), so none is subscribed to while another is in flight.
 */
import { concat, defer, EMPTY, finalize, ignoreElements, type Observable, tap } from 'rxjs';
import { invalid, RxshimError } from '../../hcs/failures/errors.js';
import type { CheckpointOptions } from '../../hcs/runc/index.js';
import { taskEvent } from '../../streams/events.js';
import { type Any, type CheckpointTaskRequest, runc, runcLegacy, typeRegistry } from '../messages/index.js';
import type { ShimContainer, ShimPorts } from './container.js';
import { jsonOf } from './exec-spec.js';
import type { Pausing } from './records.js';

/** A runtime may answer late: nothing is published of a container after its exit. */
const publishWhileAlive = (
  { id, task }: ShimContainer,
  { publish }: ShimPorts,
  type: 'TaskPaused' | 'TaskResumed',
): void => {
  if (task.init.state !== 'exited') publish(taskEvent(type, id, {}));
};

const setPausing = (container: ShimContainer, { records }: ShimPorts, pausing: Pausing): void => {
  container.pausing = pausing;
  records?.pausing(container.id, pausing);
};

export const pause = (container: ShimContainer, ports: ShimPorts): Observable<never> =>
  defer(() => {
    mustRun(container, 'pause');
    setPausing(container, ports, 'pausing');
    let paused = false;
    return concat(
      container.system.pause().pipe(ignoreElements()),
      defer(() => {
        paused = true;
        publishWhileAlive(container, ports, 'TaskPaused');
        return EMPTY;
      }),
    ).pipe(
      finalize(() => {
        setPausing(container, ports, paused ? 'paused' : 'no');
      }),
    );
  });

export const resume = (container: ShimContainer, ports: ShimPorts): Observable<never> =>
  defer(() => {
    if (container.pausing !== 'paused') throw wrongState(container, 'resume');
    return container.system.resume().pipe(
      ignoreElements(),
      tap({
        complete: () => {
          setPausing(container, ports, 'no');
          publishWhileAlive(container, ports, 'TaskResumed');
        },
      }),
    );
  });

export const update = (container: ShimContainer, resources: Any | undefined): Observable<never> =>
  defer(() => {
    if (resources === undefined) throw invalid('resources', resources, 'the limits of an OCI container');
    if (container.task.init.state === 'exited') throw wrongState(container, 'update');
    return container.system.update(jsonOf('resources', resources)).pipe(ignoreElements());
  });

/** With an exit asked for the container ends with its checkpoint; else it runs on. */
export const checkpoint = (
  container: ShimContainer,
  { path, options }: CheckpointTaskRequest,
): Observable<never> =>
  defer(() => {
    // containerd's client pauses a container before it asks for this.
    if (container.task.init.state !== 'running') throw wrongState(container, 'checkpoint');
    return container.system
      .checkpoint({ imagePath: path, ...checkpointOptions(options) })
      .pipe(ignoreElements());
  });

const checkpointRegistry = typeRegistry({
  runc: runc.CheckpointOptions,
  legacy: runcLegacy.CheckpointOptions,
});

const checkpointOptions = (any: Any | undefined): Partial<CheckpointOptions> => {
  const given = decoded(any);
  if (given === undefined) return { leaveRunning: true };
  const { exit, openTcp, externalUnixSockets, terminal, fileLocks, emptyNamespaces, cgroupsMode } = given;
  return {
    leaveRunning: !exit,
    tcpEstablished: openTcp,
    externalUnixSockets,
    shellJob: terminal,
    fileLocks,
    emptyNamespaces,
    cgroupsMode,
    ...(given.imagePath ? { imagePath: given.imagePath } : {}),
    ...(given.workPath ? { workPath: given.workPath } : {}),
  };
};

type GivenCheckpoint = runcLegacy.CheckpointOptions & Partial<runc.CheckpointOptions>;

const decoded = (any: Any | undefined): GivenCheckpoint | undefined => {
  try {
    return checkpointRegistry(any)?.message;
  } catch (cause) {
    throw invalid('options', any?.typeUrl, 'a message of that type', cause);
  }
};

export const mustNotBePaused = ({ id, pausing }: ShimContainer, what: string): void => {
  if (pausing !== 'no')
    throw new RxshimError('failedPrecondition', `cannot ${what} in paused container ${id}`);
};

const mustRun = (container: ShimContainer, what: string): void => {
  if (container.task.init.state !== 'running' || container.pausing !== 'no')
    throw wrongState(container, what);
};

const wrongState = ({ id, task, pausing }: ShimContainer, what: string): RxshimError => {
  const state = pausing === 'no' ? task.init.state : pausing;
  return new RxshimError('failedPrecondition', `cannot ${what} container ${id}, which is ${state}`);
};
