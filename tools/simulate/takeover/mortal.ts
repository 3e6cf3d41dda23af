/**
 * An orchestrator that can be killed at any instant: from then on none of its timers runs, and no answer reaches it. What
 * it has asked of the engine goes on.
 */
import {
  type MonoTypeOperatorFunction,
  Observable,
  type SchedulerAction,
  type SchedulerLike,
  Subscription,
} from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../../src/hcs/contract/compute-system.js';

export interface Mortal {
  readonly scheduler: SchedulerLike;
  readonly alive: () => boolean;
  /** What it has subscribed to. */
  own<T>(): MonoTypeOperatorFunction<T>;
  system(system: ComputeSystem): ComputeSystem;
  kill(): void;
}

export const mortal = (clock: SchedulerLike): Mortal => {
  const held = new Set<Subscription>();
  let alive = true;
  const keep = (subscription: Subscription): Subscription => {
    held.add(subscription);
    subscription.add(() => held.delete(subscription));
    return subscription;
  };
  const own: Mortal['own'] = () => (source) =>
    new Observable((listener) => {
      if (alive) listener.add(keep(source.subscribe(listener)));
    });
  const process = (made: ComputeProcess): ComputeProcess =>
    Object.create(made, {
      exit$: { value: made.exit$.pipe(own()) },
      ...methods(made, [
        'signal',
        'kill',
        'resizeConsole',
        'closeStdin',
        'closeStdout',
        'closeStderr',
        'close',
      ]),
      tree: {
        value:
          made.tree &&
          Object.create(made.tree, {
            gone$: { value: made.tree.gone$.pipe(own()) },
            ...methods(made.tree, ['signal', 'kill']),
          }),
      },
    });
  const methods = <T extends object>(
    target: T,
    names: readonly (keyof T & string)[],
  ): PropertyDescriptorMap =>
    Object.fromEntries(
      names.map((name) => {
        const method = target[name] as (...args: unknown[]) => Observable<unknown>;
        return [name, { value: (...args: unknown[]) => method.apply(target, args).pipe(own()) }];
      }),
    );
  const making =
    (make: ComputeSystem['createProcess']): ComputeSystem['createProcess'] =>
    (...args) =>
      new Observable<ComputeProcess>((listener) => {
        if (!alive) return undefined;
        return keep(
          make(...args).subscribe({
            // An engine at fault returns what is no process.
            next: (made) => listener.next(typeof made?.pid === 'number' ? process(made) : made),
            error: (error) => listener.error(error),
            complete: () => listener.complete(),
          }),
        );
      });

  return {
    alive: () => alive,
    own,
    scheduler: {
      now: () => clock.now(),
      schedule: <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T) =>
        alive ? keep(clock.schedule(work, delay, state)) : new Subscription(),
    },
    system: (system) =>
      Object.create(system, {
        exit$: { value: system.exit$.pipe(own()) },
        ...methods(system, ['start', 'shutdown', 'terminate', 'close', 'pids']),
        ...(system.delete && methods(system, ['delete'])),
        createProcess: { value: making(system.createProcess) },
        create: { value: system.create && making(system.create) },
      }),
    kill: () => {
      alive = false;
      for (const subscription of [...held]) subscription.unsubscribe();
    },
  };
};
