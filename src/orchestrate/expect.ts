/** A dialogue with a program that asks, over a terminal of its own. */
import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { invalid, RxshimError } from '../hcs/failures/errors.js';
import { requireKnown } from '../hcs/failures/refuse-unknown.js';
import { run } from '../run/run.js';
import { RunError } from '../run/run-error.js';
import type { RunEvent, RunOptions, RunResult, RunTarget } from '../run/run-interface.js';
import { Stoppable } from '../run/stoppable.js';
import { requireTime } from '../streams/policies.js';
import { inputQueue } from './input-queue.js';

/** The output to wait for, and the answer to type then. Without `send` nothing is typed. Enter is `\r` or `\n`. */
export interface Step {
  readonly see: string | RegExp;
  readonly send?: string | ((match: RegExpExecArray) => string);
}

/** Options of `expect`. */
export interface ExpectOptions extends Omit<RunOptions, 'input' | 'stdio' | 'all'> {
  /** Milliseconds within which each step has to be seen; otherwise the program is stopped. Default 10000. */
  readonly stepTimeout?: number;
  /** Whether the program gets a terminal. Default `true`. */
  readonly terminal?: boolean;
  readonly scheduler?: SchedulerLike;
}

/** The events of a dialogue. */
export type ExpectEvent =
  | RunEvent
  /** A step was seen, from 0 on; the answer is left out, as it may be a secret. */
  | { readonly kind: 'seen'; readonly step: number; readonly text: string };

/**
 * Runs a program and holds a dialogue with it: waits for each step in the output since the step before, and types
 * the answer. Then waits for its end; awaited, it resolves with its result. Fails with `unavailable` for a
 * step that is not seen in time, and with `failedPrecondition` if the program ends before: with the step and the last output.
 *
 * @throws RxshimError `invalidArgument` for steps and options that cannot be.
 * @example
 * await expect(local(), ['passwd', 'bob'], [
 *   { see: 'New password:', send: 'secret\n' },
 *   { see: 'Retype', send: 'secret\n' },
 * ]);
 */
export const expect = (
  target: RunTarget,
  argv: readonly string[],
  steps: readonly Step[],
  { stepTimeout = 10_000, terminal = true, scheduler = asyncScheduler, ...options }: ExpectOptions = {},
): Stoppable<ExpectEvent, RunResult> => {
  requireTime('stepTimeout', stepTimeout);
  const patterns = steps.map((step, index) => {
    requireKnown(`steps[${index}]`, step, ['see', 'send']);
    return patternOf(step.see, `steps[${index}].see`);
  });
  return new Stoppable<ExpectEvent, RunResult>(
    (observer, gone) => {
      const keys = inputQueue();
      const decoder = new TextDecoder();
      let written = '';
      let step = 0;
      let failure: { readonly error: unknown } | undefined;
      let deadline: Subscription | undefined;

      const fail = (kind: 'unavailable' | 'failedPrecondition', why: string, cause?: unknown): void => {
        failure ??= {
          error: new RxshimError(
            kind,
            `expect: step ${step} (${String(steps[step]?.see)}): ${why}; the last output: ${JSON.stringify(written.slice(-200))}`,
            cause === undefined ? {} : { cause },
          ),
        };
      };
      const wait = (): void => {
        deadline?.unsubscribe();
        deadline = undefined;
        if (step >= steps.length) return;
        deadline = scheduler.schedule(() => {
          fail('unavailable', `not seen within ${stepTimeout} ms`);
          begun.stop();
        }, stepTimeout);
      };
      const look = (): void => {
        for (let match = patterns[step]?.exec(written); match; match = patterns[step]?.exec(written)) {
          const send = steps[step]?.send;
          written = written.slice(match.index + match[0].length);
          observer.next({ kind: 'seen', step, text: match[0] });
          step += 1;
          wait();
          if (send !== undefined) keys.push(typeof send === 'string' ? send : send(match));
        }
      };

      const running = run(target, argv, {
        ...options,
        scheduler,
        input: keys.input,
        stdio: terminal ? { terminal } : { stderr: 'stdout' },
      });
      const begun = running.begin({
        next: (event) => {
          if (event.kind === 'result') {
            if (step < steps.length && failure === undefined)
              fail('failedPrecondition', `it ended with status ${event.status}`);
            if (failure === undefined) observer.next(event);
            return;
          }
          observer.next(event);
          if (event.kind === 'started') wait();
          if (event.kind !== 'output') return;
          written += decoder.decode(event.bytes, { stream: true });
          look();
        },
        error: (error) => {
          // A program that ended before its steps has failed by that; the reason why it was stopped or not started comes first.
          if (step < steps.length && error instanceof RunError && endedByItself(error.result))
            fail('failedPrecondition', `it ended with status ${error.result.status}`, error);
          else failure ??= { error };
        },
        complete: () => undefined,
      });
      begun.gone$.subscribe({
        complete: () => {
          deadline?.unsubscribe();
          keys.end();
          if (failure === undefined) observer.complete();
          else observer.error(failure.error);
          gone();
        },
      });
      return {
        stop: (reason) => {
          deadline?.unsubscribe();
          begun.stop(reason);
        },
      };
    },
    (event) => (event.kind === 'result' ? { value: event } : undefined),
  );
};

const endedByItself = ({ stopped, exit }: RunResult): boolean =>
  stopped === undefined && (exit.kind === 'exited' || exit.kind === 'signaled');

/** Without the flags g and y, with which a pattern resumes where its last match ended. */
const patternOf = (see: string | RegExp, field: string): RegExp => {
  if (typeof see === 'string' && see !== '') return new RegExp(see.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  if (see instanceof RegExp) return new RegExp(see.source, see.flags.replace(/[gy]/g, ''));
  throw invalid(field, see, 'a text or a regular expression');
};
