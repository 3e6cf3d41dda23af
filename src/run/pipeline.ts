/**
 * Commands joined by pipes, as in a shell with `pipefail`: each output is the next one's input, by one pipe of the kernel
 * where the engine takes descriptors, so that no byte passes through this program.
 */
import {
  catchError,
  concat,
  concatMap,
  from,
  ignoreElements,
  type Observable,
  of,
  onErrorResumeNextWith,
  tap,
  throwError,
  toArray,
} from 'rxjs';
import { invalid } from '../hcs/failures/errors.js';
import { commandText } from './command-text.js';
import { type HostedExec, host, systemOf } from './host.js';
import { type StopRun, startLife } from './life.js';
import { bothOutputs, stderrAlone } from './observed-output.js';
import { specOf, stdioOf } from './process-of.js';
import type { Run } from './run.js';
import { RunError } from './run-error.js';
import type { RunEvent, RunResult, RunStopReason } from './run-interface.js';
import { type Begin, Stoppable } from './stoppable.js';

/** The result of the last command, with those of all. */
export interface PipelineResult<T = string> extends RunResult<T> {
  /** In their order. */
  readonly results: readonly RunResult<unknown>[];
}

/** The events of the last command, and what the others write to stderr. */
export type PipelineEvent<T = string> = Exclude<RunEvent<T>, { kind: 'result' }> | PipelineResult<T>;

/**
 * Joins runs. Their own options hold: the first one's `input`, the last one's `timeout` and so on; a command that is stopped
 * stops all. The result is the last command's, and has failed when any of them has: then its `status` is that of the last
 * that failed, or of the one that was stopped. A writer that ends by SIGPIPE, since its reader had enough, has not failed.
 *
 * @throws RxshimError `invalidArgument` for fewer than two runs, or if the joined output or input has other stdio.
 * @example
 * const { stdout } = await pipeline(run(local(), ['ps', 'aux']), run(local(), ['grep', 'node']));
 */
export const pipeline = <T = string>(...runs: readonly [...Run<unknown>[], Run<T>]): Pipeline<T> => {
  if (runs.length < 2) throw invalid('runs', runs, 'two or more');
  runs.forEach((run, index) => {
    const { stdio = {}, input, all } = run.definition?.options ?? {};
    if (run.definition === undefined) throw invalid(`runs[${index}]`, run, 'what run() returns');
    if (index > 0 && (input !== undefined || stdio.stdin !== undefined))
      throw invalid(`runs[${index}]`, input ?? stdio.stdin, 'no input but the output of the one before');
    if (index < runs.length - 1 && (stdio.stdout ?? 'pipe') !== 'pipe')
      throw invalid(`runs[${index}].stdio.stdout`, stdio.stdout, 'nothing: the next one reads it');
    if (index < runs.length - 1 && all === true)
      throw invalid(
        `runs[${index}].all`,
        all,
        "stdio: { stderr: 'stdout' } for what the next one is to read",
      );
  });
  return new Pipeline<T>(runs);
};

/** Commands joined by pipes: awaited for the result, observed for what happens. */
export class Pipeline<T = string> extends Stoppable<PipelineEvent<T>, PipelineResult<T>> {
  /** @internal */
  constructor(runs: readonly Run<unknown>[]) {
    super(beginPipeline(runs), (event) => (event.kind === 'result' ? { value: event } : undefined));
  }
}

const sigpipe = 13;

const beginPipeline =
  <T>(runs: readonly Run<unknown>[]): Begin<PipelineEvent<T>> =>
  (observer, gone) => {
    const last = runs.length - 1;
    const results = new Array<RunResult<unknown>>(runs.length);
    const stops: StopRun[] = [];
    let reason: RunStopReason | undefined;
    /** The command whose own timeout, abort or output has stopped all of them. */
    let stopper: number | undefined;
    let left = runs.length;

    const stopAll = (why: RunStopReason): void => {
      if (reason !== undefined) return;
      reason = why;
      for (const stop of stops) stop(why);
    };

    const ended = (index: number, result: RunResult<unknown>): void => {
      results[index] = result;
      if (result.stopped !== undefined && reason === undefined) {
        stopper = index;
        stopAll(result.stopped.reason);
      }
      left -= 1;
      if (left > 0) return;
      const failed = stopper ?? lastFailed(results);
      const outcome = outcomeOf<T>(results, failed);
      if (failed >= 0 && (runs[last]?.definition.options.reject ?? true))
        observer.error(errorOf(runs, outcome, failed));
      else {
        observer.next(outcome);
        observer.complete();
      }
      gone();
    };

    created(runs).subscribe({
      next: (hosted) => {
        hosted.forEach((exec, index) => {
          const { argv, options } = (runs[index] as Run<unknown>).definition;
          const stop = startLife(
            of(exec),
            { argv, options, observe: index === last ? bothOutputs : stderrAlone },
            {
              started: (pid) => index === last && observer.next({ kind: 'started', pid }),
              output: (chunk) => observer.next({ kind: 'output', ...chunk }),
              exited: (exit) => index === last && observer.next({ kind: 'exited', exit }),
              ended: (result) => ended(index, result),
              failed: () => undefined,
            },
          );
          stops.push(stop);
          if (reason !== undefined) stop(reason);
        });
      },
      error: (error) => {
        observer.error(error);
        gone();
      },
    });
    return { stop: (why = 'unsubscribed') => stopAll(why) };
  };

/** Creates all of them, each output connected to the next input. Starts none. If one cannot be created, none is left. */
const created = (runs: readonly Run<unknown>[]): Observable<readonly HostedExec[]> => {
  const made: HostedExec[] = [];
  return from(runs).pipe(
    concatMap(({ definition: { target, argv, options } }) => {
      const before = made.at(-1)?.exec.stdout;
      const own = stdioOf(options);
      const stdio = before === undefined ? own : { ...own, stdin: before };
      return host(target, { spec: specOf(systemOf(target), argv, options), stdio, options });
    }),
    tap((hosted) => made.push(hosted)),
    toArray(),
    catchError((error) =>
      concat(
        ...made.map(({ stop, remove }) => concat(stop({ grace: 0 }), remove()).pipe(onErrorResumeNextWith())),
        throwError(() => error),
      ).pipe(ignoreElements()),
    ),
  );
};

/** -1 if none has. */
const lastFailed = (results: readonly RunResult<unknown>[]): number =>
  results.reduce(
    (last, result, index) =>
      result.failed && !(index < results.length - 1 && hadNoReader(result)) ? index : last,
    -1,
  );

const outcomeOf = <T>(results: readonly RunResult<unknown>[], failed: number): PipelineResult<T> => {
  const last = results.at(-1) as RunResult<T>;
  return { ...last, status: results[failed]?.status ?? last.status, failed: failed >= 0, results };
};

const errorOf = (
  runs: readonly Run<unknown>[],
  result: PipelineResult<unknown>,
  index: number,
): RunError<PipelineResult<unknown>> => {
  const { timeout, abortSignal } = runs[index]?.definition.options ?? {};
  const failed = result.results[index] as RunResult<unknown>;
  const whole = runs.map(({ definition }) => commandText(definition.argv)).join(' | ');
  return new RunError(result, {
    failed,
    command: `${whole}: ${commandText(failed.argv)}`,
    timeout,
    cause: failed.stopped?.reason === 'aborted' ? abortSignal?.reason : undefined,
  });
};

const hadNoReader = ({ exit, stopped }: RunResult<unknown>): boolean =>
  stopped === undefined &&
  ((exit.kind === 'signaled' && exit.signal === sigpipe) ||
    (exit.kind === 'exited' && exit.code === 128 + sigpipe));
