/**
 * Runs a command: one call that can be awaited for its result, or subscribed to for all that happens.
 *
 *     await run(…)            the result, or a RunError; one process, however often it is awaited
 *     run(…).subscribe(…)     started, output, exited, result; each subscription is one process
 *     unsubscribe             stops the process and its tree, at once; the program stays alive until that is done
 */
import { defer, type Observer } from 'rxjs';
import { requireSystem } from '../streams/arguments.js';
import { checkArgv, checkOptions } from './check/options.js';
import { host, systemOf } from './host.js';
import { startLife } from './life.js';
import { bothOutputs } from './observed-output.js';
import { specOf, stdioOf } from './process-of.js';
import { RunError } from './run-error.js';
import type { RunEvent, RunOptions, RunResult, RunTarget } from './run-interface.js';
import { type Begin, Stoppable } from './stoppable.js';

/** The arguments of a run. A pipeline makes the run anew from them, with other stdio. */
export interface RunDefinition {
  readonly target: RunTarget;
  readonly argv: readonly string[];
  readonly options: RunOptions;
}

/** A command that can be awaited, or subscribed to. Nothing happens before. */
export class Run<T = string> extends Stoppable<RunEvent<T>, RunResult<T>> {
  /** @internal */
  readonly definition: RunDefinition;

  /** @internal */
  constructor(definition: RunDefinition) {
    super(beginRun(definition), (event) => (event.kind === 'result' ? { value: event } : undefined));
    this.definition = definition;
  }
}

/**
 * Makes a command that runs in a system of its own, or as an exec of a running task.
 *
 * Awaited, it resolves with the result. Subscribed to, it emits what happens; each subscription starts a process, and
 * unsubscribing stops it. A command that fails is a `RunError` with the whole result, unless `reject` is `false`.
 *
 * @throws RxshimError `invalidArgument` for arguments and options that cannot be, by their path: when it is called.
 * @example
 * const { stdout } = await run(local(), ['git', 'log', '-1']);
 */
export function run(
  target: RunTarget,
  argv: readonly string[],
  options: RunOptions & { encoding: 'bytes' },
): Run<Uint8Array>;
export function run(target: RunTarget, argv: readonly string[], options?: RunOptions): Run<string>;
export function run(
  target: RunTarget,
  argv: readonly string[],
  options: RunOptions = {},
): Run<string> | Run<Uint8Array> {
  checkDefinition({ target, argv, options });
  return new Run<string>({ target, argv: [...argv], options });
}

const checkDefinition = ({ target, argv, options }: RunDefinition): void => {
  requireSystem('target', (target as Partial<{ system: unknown }> | undefined)?.system ?? target);
  checkArgv(argv);
  checkOptions(options, systemOf(target).signals);
};

const beginRun =
  <T>({ target, argv, options }: RunDefinition): Begin<RunEvent<T>> =>
  (observer, gone) => {
    const hosted$ = defer(() =>
      host(target, { spec: specOf(systemOf(target), argv, options), stdio: stdioOf(options), options }),
    );
    const stop = startLife(
      hosted$,
      { argv, options, observe: bothOutputs },
      {
        started: (pid) => observer.next({ kind: 'started', pid }),
        output: (chunk) => observer.next({ kind: 'output', ...chunk }),
        exited: (exit) => observer.next({ kind: 'exited', exit }),
        ended: (result) => {
          settle(observer, result as RunResult<T>, options);
          gone();
        },
        failed: (error) => {
          observer.error(error);
          gone();
        },
      },
    );
    return { stop: (reason = 'unsubscribed') => stop(reason) };
  };

const settle = <T>(observer: Observer<RunEvent<T>>, result: RunResult<T>, options: RunOptions): void => {
  const { reject = true, timeout, abortSignal } = options;
  if (result.failed && reject) {
    const cause = result.stopped?.reason === 'aborted' ? abortSignal?.reason : undefined;
    observer.error(new RunError(result, { timeout, cause }));
    return;
  }
  observer.next(result);
  observer.complete();
};
