/**
 * A container of an OCI runtime as a compute system.
 *
 * What runs is the runtime's business, by its command line; what ended, and how, is known from the kernel. Nothing is
 * signalled or waited for that is not a child of this very process, and no thread waits for anything.
 */
import { writeFileSync } from 'node:fs';
import { defer, EMPTY, ignoreElements, map, Observable, of, shareReplay, tap } from 'rxjs';
import type { ComputeProcess, Delivery } from '../compute-process.js';
import { invalid, RxshimError } from '../errors.js';
import { hostSignals } from '../host-signals.js';
import { act, hostProcess } from '../native/host-process.js';
import { type Config, readConfig } from './config.js';
import { byPipes } from './connection.js';
import { discardFailed } from './discard-failed.js';
import { type Inside, startInside } from './inside.js';
import { containerLife } from './life.js';
import { type RuncOptions, settle } from './options.js';
import { execDocument } from './process-document.js';
import { patience, remove } from './remove-container.js';
import type { RuncContainer } from './runc-container.js';
import { ociRuntime } from './runtime.js';
import { runtimeError, saysGone, succeeded } from './runtime-error.js';

/**
 * A container that `create` makes from the bundle, with its init held until `start`. Costs nothing until then.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type.
 * @example
 * const container = runc({ id: 'hello', bundle: '/containers/hello' });
 * container.create({ CreateStdOutPipe: true }).subscribe((init) => { … });
 */
export const runc = (options: RuncOptions): RuncContainer => {
  const settings = settle(options);
  const { id, bundle, making, owner } = settings;
  const runtime = ociRuntime(settings);
  const life = containerLife();
  const underWay = new Set<() => void>();
  let config: Config | undefined;
  let made: 'no' | 'making' | 'yes' = 'no';
  let started = false;
  let deletion: Observable<never> | undefined;

  const kill = (signal: number, options: readonly string[] = []): Observable<Delivery> =>
    runtime.run({ args: ['kill', ...options, id, String(signal)], patience }).pipe(
      map((end) => {
        if (succeeded(end)) return 'delivered';
        if (saysGone(end)) return 'notDelivered';
        throw runtimeError(runtime.name, 'kill', end);
      }),
    );

  const signalInit = (signal: unknown): Observable<Delivery> =>
    defer(() => {
      if (!Number.isInteger(signal) || signal === 0)
        throw invalid('Signal', signal, 'the number of a signal');
      return life.initEnded() ? of<Delivery>('notDelivered') : kill(signal as number);
    });

  /** Without asking: whatever the runtime says, the init of a container that is to end gets its SIGKILL. */
  const end = (): Observable<Delivery> =>
    defer(() => {
      if (life.initEnded()) return of<Delivery>('notDelivered');
      const all = config?.sharesPids ? ['--all'] : [];
      return kill(9, all).pipe(
        tap({
          next: () => life.init()?.send(9),
          error: () => life.init()?.send(9),
        }),
      );
    });

  const afterInit = (done: () => void): void => {
    const killed = config?.sharesPids ? kill(9, ['--all']) : EMPTY;
    killed.subscribe({ error: done, complete: done });
  };

  const begun = (stop: () => void): void => void underWay.add(stop);

  const admitInit = ({ launched, streams }: Inside): ComputeProcess => {
    made = 'yes';
    life.admitInit(launched, afterInit);
    const process = hostProcess(launched, streams);
    return { ...process, signal: ({ Signal }) => signalInit(Signal), kill: end };
  };

  const deleteOnce = (): Observable<never> => {
    deletion ??= remove(runtime, id).pipe(tap({ error: () => (deletion = undefined) }), shareReplay());
    return deletion;
  };

  return {
    id,
    os: 'linux',
    isOci: true,
    initInDocument: true,
    takesDescriptors: 'init',
    signals: hostSignals(),
    exit$: life.exit$,
    create: (parameters, descriptors = {}) =>
      new Observable((subscriber) => {
        if (made !== 'no') throw new RxshimError('alreadyExists', `container ${id}`);
        const found = readConfig(bundle);
        config = found;
        made = 'making';
        const began = Date.now();
        startInside(
          runtime,
          {
            verb: 'create',
            options: () => ['--bundle', bundle, ...making],
            operands: [id],
            connect: () => byPipes(parameters, descriptors, owner),
            begun,
          },
          (result) => {
            underWay.clear();
            if (!(result instanceof Error)) {
              subscriber.next(admitInit(result));
              subscriber.complete();
              return;
            }
            discardFailed(runtime, id, began).subscribe({
              complete: () => {
                made = 'no';
                life.leave({ reason: 'ended' });
                subscriber.error(result);
              },
            });
          },
        );
      }),
    start: () =>
      runtime.run({ args: ['start', id], begun }).pipe(
        tap((end) => {
          underWay.clear();
          if (!succeeded(end)) throw runtimeError(runtime.name, 'start', end);
          started = true;
        }),
        ignoreElements(),
      ),
    createProcess: (parameters, descriptors = {}) =>
      new Observable((subscriber) => {
        if (life.initEnded()) throw new RxshimError('failedPrecondition', `container ${id} has ended`);
        const document = execDocument(parameters.OciProcess, config?.process ?? {});
        startInside(
          runtime,
          {
            verb: 'exec',
            options: (scratch) => {
              const path = scratch.path('process.json');
              writeFileSync(path, JSON.stringify(document));
              return ['--detach', '--process', path];
            },
            operands: [id],
            connect: () => byPipes(parameters, descriptors, owner),
          },
          (result) => {
            if (result instanceof Error) return subscriber.error(result);
            life.admit(result.launched);
            subscriber.next(hostProcess(result.launched, result.streams));
            subscriber.complete();
          },
        );
      }),
    shutdown: () => defer(() => (started ? signalInit(15) : end())),
    terminate: () =>
      defer(() => {
        for (const stop of underWay) stop();
        if (made === 'no') life.leave({ reason: 'ended' });
        return made === 'yes' ? end() : EMPTY;
      }),
    close: () =>
      act(() => {
        if (life.initEnded()) deleteOnce().subscribe({ error: () => undefined });
        life.leave({ reason: 'closed' });
      }),
    delete: () => defer(deleteOnce),
    pids: () =>
      runtime.run({ args: ['ps', '--format', 'json', id], patience }).pipe(
        map((end) => {
          if (!succeeded(end)) throw runtimeError(runtime.name, 'ps', end);
          return JSON.parse(end.stdout) as number[];
        }),
      ),
    signalAll: (signal) => kill(signal, ['--all']),
  };
};
