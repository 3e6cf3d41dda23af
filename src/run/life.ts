/**
 * One process of a run, from its creation until nothing is left of it.
 *
 * The invariant: it goes on to its end even if its observer leaves. A stop starts the stop policy at once, whatever its
 * reason: a process that is still being created is removed afterwards, one that is not started yet is never started, and
 * one that runs is stopped with its tree. `ended` comes last, when the process is released and removed.
 */
import { asyncScheduler, type Observable, type Subscription } from 'rxjs';
import { statusWhenKilled } from '../hcs/contract/exit-code.js';
import type { ExecOutcome, StopOutcome } from '../streams/exec/interface.js';
import type { ExecExit } from '../streams/exec/state/state.js';
import type { OutputChunk } from '../streams/stdio/output-stream.js';
import type { HostedExec } from './host.js';
import { type KeptOutput, keptOutput } from './kept-output.js';
import type { ObserveOutput } from './observed-output.js';
import type { RunOptions, RunResult, RunStopReason } from './run-interface.js';

export interface LifeObserver {
  started(pid: number): void;
  output(chunk: OutputChunk): void;
  exited(exit: ExecExit): void;
  ended(result: RunResult<string | Uint8Array>): void;
  /** It could not be created: nothing of it is left. */
  failed(error: unknown): void;
}

export interface LifePlan {
  readonly argv: readonly string[];
  readonly options: RunOptions;
  readonly observe: ObserveOutput;
}

export type StopRun = (reason: RunStopReason) => void;

/** Starts the process. Returns a function that stops it; only the first call counts, and none after its end. */
export const startLife = (
  hosted$: Observable<HostedExec>,
  { argv, options, observe }: LifePlan,
  observer: LifeObserver,
): StopRun => {
  const { timeout, abortSignal, scheduler = asyncScheduler } = options;
  const kept = keptOutput(options);
  const begun = scheduler.now();
  let hosted: HostedExec | undefined;
  let reason: RunStopReason | undefined;
  let stopped: StopOutcome | undefined;
  let stopping = false;
  let removing = false;
  let outcome: ExecOutcome | undefined;
  let complete: boolean | undefined;
  let announced = false;
  let deadline: Subscription | undefined;

  const stop: StopRun = (why) => {
    // A subscription that completes is unsubscribed from, too.
    if (reason !== undefined || removing) return;
    reason = why;
    if (hosted !== undefined) stopNow(hosted);
  };
  /** After a stop its outcome reports the end, because it also says how the process ended. */
  const stopNow = ({ stop, exec }: HostedExec): void => {
    const over = (): void => {
      stopping = false;
      goOn();
    };
    stopping = true;
    stop(options.stop ?? {}).subscribe({
      next: (result) => {
        stopped = result;
      },
      // Even if the stop fails, nothing is left running.
      error: () => exec.forceExit(statusWhenKilled).subscribe({ error: over, complete: over }),
      complete: over,
    });
  };
  const announce = (pid: number): void => {
    if (announced) return;
    announced = true;
    observer.started(pid);
  };
  /** Removes what is left once the outcome, all output and the answer of a stop are there. */
  const goOn = (): void => {
    if (hosted === undefined || outcome === undefined || complete === undefined || stopping || removing)
      return;
    removing = true;
    const { exec } = hosted;
    const finish = (ended: ExecOutcome, all: boolean) => (): void => {
      release();
      // A process that had ended before the stop could act was not stopped.
      const by = stopped?.by ?? 'itself';
      const counts = by !== 'itself' || ended.kind === 'discarded' || !all;
      observer.ended(
        resultOf({
          argv,
          options,
          kept,
          pid: exec.pid,
          outcome: ended,
          stopped: reason !== undefined && counts ? { reason, by } : undefined,
          complete: all,
          duration: scheduler.now() - begun,
        }),
      );
    };
    const removed = finish(outcome, complete);
    hosted.remove().subscribe({ error: removed, complete: removed });
  };
  const aborted = (): void => stop('aborted');
  const release = (): void => {
    deadline?.unsubscribe();
    abortSignal?.removeEventListener('abort', aborted);
  };

  if (abortSignal?.aborted === true) stop('aborted');
  else abortSignal?.addEventListener('abort', aborted);

  hosted$.subscribe({
    next: (created) => {
      hosted = created;
      const { exec } = created;
      if (reason !== undefined) {
        stopNow(created);
        complete = true;
      } else {
        const output$ = observe(exec);
        if (output$ !== undefined) {
          let fits = true;
          const over = (): void => {
            complete = fits;
            goOn();
          };
          output$.subscribe({
            next: (chunk) => {
              announce(exec.pid);
              observer.output(chunk);
              if (reason === 'unsubscribed' || kept.add(chunk)) return;
              fits = false;
              stop('maxOutput');
            },
            // Cut output is part of the outcome.
            error: over,
            complete: over,
          });
        } else complete = true;
        exec.exit$.subscribe((exit) => {
          if (exit.kind === 'startFailed' || exit.kind === 'discarded') return;
          announce(exec.pid);
          observer.exited(exit);
        });
        exec.start().subscribe({
          error: () => undefined,
          complete: () => {
            announce(exec.pid);
            if (timeout !== undefined && exec.state === 'running')
              deadline = scheduler.schedule(() => stop('timeout'), timeout);
          },
        });
      }
      created.wait().subscribe({
        next: (ended) => {
          outcome = ended;
          goOn();
        },
        error: observer.failed,
      });
    },
    error: (error) => {
      release();
      observer.failed(error);
    },
  });
  return stop;
};

const resultOf = ({
  argv,
  options,
  kept,
  pid,
  outcome,
  stopped,
  complete,
  duration,
}: {
  readonly argv: readonly string[];
  readonly options: RunOptions;
  readonly kept: KeptOutput;
  readonly pid: number;
  readonly outcome: ExecOutcome;
  readonly stopped: RunResult['stopped'];
  readonly complete: boolean;
  readonly duration: number;
}): RunResult<string | Uint8Array> => {
  const { truncated, ioErrors, unread: _, ...exit } = outcome;
  const well = outcome.kind === 'exited' && outcome.code === 0;
  const empty = options.encoding === 'bytes' ? new Uint8Array() : '';
  const together = options.all === true;
  return {
    kind: 'result',
    argv,
    pid,
    status: outcome.status,
    exit,
    stdout: together ? empty : kept.of('stdout'),
    stderr: together ? empty : kept.of('stderr'),
    all: together ? kept.of('stdout') : undefined,
    failed: !well || stopped !== undefined || ioErrors.length > 0,
    stopped,
    truncated: truncated || !complete,
    ioErrors,
    duration,
  };
};
