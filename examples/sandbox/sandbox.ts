/**
 * Runs untrusted code in containers with limits. Each run has a container of its own, which is removed before its end is
 * emitted; a run that is unsubscribed from is killed.
 */
import {
  concat,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  lastValueFrom,
  mergeMap,
  Observable,
  of,
  type Subscription,
} from 'rxjs';
import { reap, run } from 'rxshim';
import { dockerRegistry } from 'rxshim/docker';
import type { Box, BoxOptions } from './box.js';
import { type Limits, resolveLimits, unprivilegedUser } from './limits.js';
import { warmBoxes } from './warm-boxes.js';

export interface SandboxOptions extends Omit<BoxOptions, 'limits' | 'lifetime'> {
  readonly limits?: Partial<Limits>;
  /** Milliseconds after which a container ends in any case. Default: ten minutes. */
  readonly lifetime?: number;
  /** How many containers wait for the next run. Default 0. */
  readonly warm?: number;
}

/**
 * Why a run has ended: by itself, or because it took too long, used too much memory, or wrote too much; `lost`: the
 * container or its daemon has gone. The limits of processes and files are errors to the code itself, and no end.
 */
export type EndReason = 'exited' | 'timeout' | 'memory' | 'output' | 'notStarted' | 'lost';

export type SandboxEvent =
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly reason: EndReason; readonly status: number };

export interface Sandbox {
  /** Runs a command, with all of its input. Nothing happens before the subscription. */
  run(argv: readonly string[], input?: string): Observable<SandboxEvent>;
  /** Removes all that is left. */
  close(): Promise<void>;
}

export const openSandbox = async ({
  warm = 0,
  lifetime = 600_000,
  ...options
}: SandboxOptions): Promise<Sandbox> => {
  const limits = resolveLimits(options.limits);
  const { owner, host } = options;
  // An earlier start of this program may have crashed.
  await reap({ registry: dockerRegistry(host === undefined ? {} : { host }), owner });
  const boxes = warmBoxes({ ...options, limits, lifetime }, warm);
  const removals = new Set<Promise<void>>();

  const remove = (box: Box): Promise<void> => {
    const removal = box.remove().finally(() => removals.delete(removal));
    removals.add(removal);
    return removal;
  };

  return {
    run: (argv, input) =>
      new Observable((subscriber) => {
        let running: Subscription | undefined;
        const opened = boxes.take();
        opened.then(
          (box) => {
            if (subscriber.closed) return void remove(box);
            running = execute(box, argv, input, limits)
              .pipe(
                mergeMap((event) =>
                  event.kind === 'end'
                    ? concat(from(remove(box)).pipe(ignoreElements()), of(event))
                    : of(event),
                ),
              )
              .subscribe(subscriber);
            running.add(() => void remove(box));
          },
          (error) => subscriber.error(error),
        );
        return () => running?.unsubscribe();
      }),
    close: async () => {
      await boxes.close();
      await Promise.all(removals);
    },
  };
};

/** The container is killed rather than the process: nothing in it may get in the way of that. */
const execute = (
  box: Box,
  argv: readonly string[],
  input: string | undefined,
  { timeout, maxOutput }: Limits,
): Observable<SandboxEvent> =>
  defer(() => {
    let left = maxOutput;
    let broken: EndReason | undefined;
    const breakOff = (reason: EndReason): void => {
      broken ??= reason;
      void box.kill();
    };
    const clock = setTimeout(() => breakOff('timeout'), timeout);
    const events$ = run(box.task, argv, {
      user: unprivilegedUser,
      cwd: '/tmp',
      keepOutput: false,
      reject: false,
      ...(input !== undefined && { input }),
    });
    return events$.pipe(
      finalize(() => clearTimeout(clock)),
      mergeMap((event): Observable<SandboxEvent> => {
        if (event.kind === 'output') {
          const bytes = event.bytes.subarray(0, left);
          left -= bytes.length;
          if (bytes.length < event.bytes.length) breakOff('output');
          return bytes.length === 0 ? EMPTY : of({ kind: 'output', stream: event.stream, bytes });
        }
        if (event.kind !== 'result') return EMPTY;
        clearTimeout(clock);
        const { status, exit } = event;
        return defer(async () => ({
          kind: 'end' as const,
          reason: broken ?? (await reasonOf(box, exit.kind, status)),
          status,
        }));
      }),
    );
  });

const reasonOf = async (box: Box, kind: string, status: number): Promise<EndReason> => {
  if (kind === 'startFailed') return 'notStarted';
  if (status !== 0 && (await box.wasOutOfMemory())) return 'memory';
  // Nothing but this program was to end it.
  return kind === 'lost' || box.task.init.state !== 'running' ? 'lost' : 'exited';
};

/** All that a run has written, and its end. */
export const collected = async (
  events$: Observable<SandboxEvent>,
): Promise<{
  readonly reason: EndReason;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}> => {
  const pieces = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const end = await lastValueFrom(
    events$.pipe(
      mergeMap((event) => {
        if (event.kind === 'end') return of(event);
        pieces[event.stream].push(event.bytes);
        return EMPTY;
      }),
    ),
  );
  const textOf = (name: 'stdout' | 'stderr') => Buffer.concat(pieces[name]).toString();
  return { reason: end.reason, status: end.status, stdout: textOf('stdout'), stderr: textOf('stderr') };
};
