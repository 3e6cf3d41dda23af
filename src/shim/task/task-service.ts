/**
 * containerd's Task service: each method, asked of the container and the exec that it names.
 *
 * A method is an Observable of its answer. `call-policy.ts` decides what happens to it when its caller leaves.
 */
import { type Context, context, propagation } from '@opentelemetry/api';
import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  map,
  type Observable,
  of,
  throwError,
} from 'rxjs';
import { kindOf, RxshimError } from '../../hcs/failures/errors.js';
import type { Exec } from '../../streams/exec/interface.js';
import { finishStreams } from '../../streams/stdio/relay/moved-stream.js';
import {
  type ConnectResponse,
  CreateTaskResponse,
  type PidsResponse,
  pack,
  runc,
  StartResponse,
  type TaskDefinition,
  toTimestamp,
  type WaitResponse,
} from '../messages/index.js';
import type { Handlers, Metadata } from '../ttrpc/index.js';
import { underPolicies } from './call-policy.js';
import { type ShimContainer, type ShimPorts, stdioOf } from './container.js';
import type { Containers } from './containers.js';
import { checkpoint, mustNotBePaused, pause, resume, update } from './control.js';
import { specOf } from './exec-spec.js';
import { deleteResponse } from './removal.js';
import { withStartFailure } from './start-failure.js';
import { stateOf } from './state.js';
import { packStats } from './stats.js';

export interface TaskServiceOptions {
  readonly containers: Containers;
  readonly ports: ShimPorts;
  /** The daemon may leave when nothing is left to do. */
  readonly shutdown: () => void;
}

interface Named {
  readonly id: string;
  readonly execId: string;
}

export const taskService = ({
  containers,
  ports,
  shutdown,
}: TaskServiceOptions): Handlers<typeof TaskDefinition> => {
  const inContainer = <T>(id: string, work: (container: ShimContainer) => Observable<T>): Observable<T> =>
    defer(() => {
      const container = containers.get(id);
      return context.with(container.context, () => work(container));
    });
  const ofExec = <T>(
    { id, execId }: Named,
    work: (exec: Exec, container: ShimContainer) => Observable<T>,
  ): Observable<T> => inContainer(id, (container) => work(container.task.exec(execId), container));

  const methods: Handlers<typeof TaskDefinition> = {
    create: (request, { metadata }) =>
      containers.create(request, remoteParent(metadata)).pipe(
        map(({ task }) => CreateTaskResponse.create({ pid: task.init.pid })),
        withStartFailure(),
      ),

    start: (request) =>
      ofExec(request, (exec, container) => {
        if (request.execId !== '') mustNotBePaused(container, 'start an exec');
        return concat(
          exec.start().pipe(ignoreElements()),
          defer(() => of(StartResponse.create({ pid: exec.pid }))),
        ).pipe(withStartFailure());
      }),

    exec: (request) =>
      inContainer(request.id, (container) => {
        const { execId, spec, stdin, stdout, stderr, terminal } = request;
        mustNotBePaused(container, 'make an exec');
        ports.records?.addingExec(request);
        const stdio = stdioOf({ stdin, stdout, stderr, terminal });
        return container.task
          .createExec({ id: execId, spec: specOf(spec, terminal), stdio, openStdio: 'start' })
          .pipe(ignoreElements());
      }),

    // The deletion of a container that is being created gives its creation up, and finds nothing then.
    delete: (request) =>
      concat(
        request.execId === '' ? containers.abandonCreation(request.id) : EMPTY,
        inContainer(request.id, (container) => {
          const { execId } = request;
          return execId === ''
            ? containers.remove(container).pipe(finalize(() => finishStreams(request.id)))
            : container.task.delete(execId).pipe(
                map(deleteResponse),
                finalize(() => finishStreams(`${request.id}/${execId}`)),
              );
        }),
      ),

    wait: (request) =>
      ofExec(request, (exec, { task }) =>
        (exec === task.init ? task.wait() : exec.wait()).pipe(
          map(
            ({ status, at }): WaitResponse => ({ exitStatus: status, exitedAt: toTimestamp(new Date(at)) }),
          ),
        ),
      ),

    kill: (request) =>
      inContainer(request.id, (container) => {
        const { signal, all, execId } = request;
        // A client that means one exec sets `all` as well.
        const options = { execId, all: all && execId === '', unstarted: 'refuse' } as const;
        return container.task.kill(signal, options).pipe(
          catchError((error) => throwError(() => (kindOf(error) === 'notFound' ? alreadyFinished() : error))),
          ignoreElements(),
        );
      }),

    state: (request) => ofExec(request, (exec, container) => of(stateOf(container, exec))),

    pids: ({ id }) =>
      inContainer(id, ({ task }) =>
        task.pids().pipe(
          map(
            (processes): PidsResponse => ({
              processes: processes.map(({ pid, execId }) => ({
                pid,
                info: execId ? pack(runc.ProcessDetails, { execId }) : undefined,
              })),
            }),
          ),
        ),
      ),

    stats: ({ id }) =>
      inContainer(id, ({ system }) => system.stats().pipe(map((stats) => ({ stats: packStats(stats) })))),

    // Asked to find out whether anybody is there: never an error.
    connect: ({ id }) =>
      defer(() =>
        of<ConnectResponse>({
          shimPid: ports.shimPid ?? process.pid,
          taskPid: containers.find(id)?.task.init.pid ?? 0,
          version: '',
        }),
      ),

    pause: ({ id }) => inContainer(id, (container) => pause(container, ports)),
    resume: ({ id }) => inContainer(id, (container) => resume(container, ports)),
    update: ({ id, resources }) => inContainer(id, (container) => update(container, resources)),
    checkpoint: (request) => inContainer(request.id, (container) => checkpoint(container, request)),

    closeIO: (request) => ofExec(request, (exec) => exec.closeIo().pipe(ignoreElements())),

    resizePty: ({ width, height, ...named }) =>
      ofExec(named, (exec) =>
        exec.status().terminal ? exec.resizePty({ width, height }).pipe(ignoreElements()) : EMPTY,
      ),

    shutdown: () =>
      defer(() => {
        shutdown();
        return EMPTY;
      }),
  };
  return underPolicies(methods, { queueOf: (id) => containers.find(id)?.queue });
};

/** The span of the caller, where it sent one. */
const remoteParent = (metadata: Metadata): Context =>
  propagation.extract(context.active(), metadata, {
    get: (carrier, name) => carrier.get(name)?.[0],
    keys: (carrier) => [...carrier.keys()],
  });

/** In the words that containerd's clients know. */
const alreadyFinished = (): RxshimError => new RxshimError('notFound', 'process already finished');
