/** run, pipeline, runTask and switchRun: options, what awaiting gives, what subscribing gives. */
import type { Observable, ObservedValueOf } from 'rxjs';
import {
  type ExecExit,
  pipeline,
  type RunError,
  type RunEvent,
  type RunResult,
  run,
  runTask,
  type StopOutcome,
  type Stoppable,
  switchRun,
  type Task,
} from 'rxshim';
import { local } from 'rxshim/local';
import { type Equal, is } from './equal.js';

export const options = (): void => {
  run(local(), ['true'], { env: { A: '1', B: undefined }, cwd: '/', user: { uid: 1 }, maxOutput: 1 });
  run(local(), ['true'], { stdio: { stdout: '/var/log/x', stderr: 'stdout', stdin: { path: 'p' } } });
  run(local(), ['true'], { input: ['a', 'b'], stdio: { stdin: new Uint8Array(1) } });
  run(local(), ['true'], { stdio: { stdin: ['a', new Uint8Array(1)] } });
  run(local(), ['true'], { stdio: { stdout: 'file:///x', stderr: 'ignore', stdin: 'inherit' } });
  // @ts-expect-error an option that there is not
  run(local(), ['true'], { agrs: [] });
  // @ts-expect-error a slip in a name
  run(local(), ['true'], { timeOut: 5 });
  // @ts-expect-error a slip in a word
  run(local(), ['true'], { stdio: { stdout: 'pip' } });
  // @ts-expect-error a relative path is no word
  run(local(), ['true'], { stdio: { stdin: 'input.txt' } });
  // @ts-expect-error a slip in a word, though a text can be iterated
  run(local(), ['true'], { stdio: { stdin: 'pip' } });
  // @ts-expect-error a run has no stdin to write to
  run(local(), ['true'], { stdio: { stdin: 'pipe' } });
  // @ts-expect-error stdin is no destination of stdout
  run(local(), ['true'], { stdio: { stdout: 'stdout' } });
  // @ts-expect-error a stream that there is not
  run(local(), ['true'], { stdio: { stdot: 'pipe' } });
  // @ts-expect-error a number of milliseconds
  run(local(), ['true'], { timeout: '5s' });
  // @ts-expect-error text or bytes
  run(local(), ['true'], { encoding: 'utf8' });
  // @ts-expect-error words are texts
  run(local(), ['sleep', 5]);
  // @ts-expect-error the words of a command are a list
  run(local(), 'sleep 5');
  // @ts-expect-error not an engine
  run({}, ['true']);
  // @ts-expect-error how it is stopped has no such field
  run(local(), ['true'], { stop: { gracePeriod: 5 } });
  // @ts-expect-error tree or leader
  run(local(), ['true'], { stop: { killMode: 'group' } });
};

export const awaited = async (): Promise<void> => {
  const result = await run(local(), ['true']);
  is<Equal<typeof result, RunResult<string>>>(true);
  is<Equal<typeof result.stdout, string>>(true);
  is<Equal<typeof result.status, number>>(true);
  is<Equal<typeof result.exit, ExecExit>>(true);
  is<Equal<NonNullable<typeof result.stopped>['by'], StopOutcome['by']>>(true);
  is<
    Equal<
      NonNullable<typeof result.stopped>['reason'],
      'timeout' | 'aborted' | 'maxOutput' | 'unsubscribed' | 'unhealthy'
    >
  >(true);
  // @ts-expect-error a result is read, not written
  result.status = 0;
  // @ts-expect-error only with the option `all`
  result.all.length;

  const { stdout } = await run(local(), ['true'], { encoding: 'bytes' });
  is<Equal<typeof stdout, Uint8Array>>(true);

  // A handler may name the error that it expects, as for a promise; and a function that takes a promise takes a run.
  run(local(), ['true']).catch((error: RunError) => error.result.stdout.length);
  const promise: Promise<RunResult> = run(local(), ['true']);
  void promise;

  const joined = await pipeline(run(local(), ['a']), run(local(), ['b'], { encoding: 'bytes' }));
  is<Equal<typeof joined.stdout, Uint8Array>>(true);
  is<Equal<typeof joined.results, readonly RunResult<unknown>[]>>(true);

  const within = await runTask({ id: 'a', system: local() }, (task) => run(task, ['true']));
  is<Equal<typeof within, RunEvent>>(true);
  is<Equal<ReturnType<typeof runTask>, Stoppable<unknown, unknown>>>(true);
};

export const events = (task$: Observable<number>): void => {
  const running = run(local(), ['true']);
  is<Equal<ObservedValueOf<typeof running>, RunEvent<string>>>(true);
  const tasks = runTask({ id: 'a', system: local() });
  is<Equal<ObservedValueOf<typeof tasks>, Task>>(true);
  const switched = task$.pipe(switchRun(() => run(local(), ['true'])));
  is<Equal<ObservedValueOf<typeof switched>, RunEvent<string>>>(true);
};

export const narrowed = (event: RunEvent): string => {
  switch (event.kind) {
    case 'started':
      // @ts-expect-error a start has no status
      void event.status;
      return String(event.pid);
    case 'output':
      is<Equal<typeof event.stream, 'stdout' | 'stderr'>>(true);
      is<Equal<typeof event.bytes, Uint8Array>>(true);
      return event.stream;
    case 'exited':
      return event.exit.kind;
    case 'result':
      return event.stdout;
    default:
      // Compiles only while no kind is missing above.
      return event satisfies never;
  }
};

export const failure = (error: RunError): number => {
  is<Equal<typeof error.name, 'RunError'>>(true);
  return error.result.status;
};
