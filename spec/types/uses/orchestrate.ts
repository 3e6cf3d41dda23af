/** supervise, pool, readyWhen, rollout and expect. */
import { from, type Observable, type ObservedValueOf } from 'rxjs';
import { pipeline, type RunEvent, type RunResult, run } from 'rxshim';
import { local } from 'rxshim/local';
import {
  type Condition,
  type ExpectEvent,
  expect,
  type JobResult,
  pool,
  type ReadyEvent,
  type RolloutEvent,
  readyWhen,
  rollout,
  type SupervisorEvent,
  supervise,
} from 'rxshim/orchestrate';
import { type Equal, is } from './equal.js';

const server = () => run(local(), ['serve']);

export const supervised = (): void => {
  const events = supervise(server, { maxRestarts: 3 });
  is<Equal<ObservedValueOf<typeof events>, SupervisorEvent>>(true);
  // @ts-expect-error an option that there is not
  supervise(server, { maxRestart: 3 });
  // @ts-expect-error a function that makes the work, since it is made again
  supervise(server());
};

export const jobs = (names$: Observable<string>): void => {
  const results = names$.pipe(pool((name) => run(local(), ['build', name]), { concurrency: 2 }));
  is<Equal<ObservedValueOf<typeof results>, JobResult<string, string>>>(true);
  const joined = names$.pipe(pool((name) => pipeline(server(), run(local(), [name])), { concurrency: 2 }));
  is<Equal<ObservedValueOf<typeof joined>['result']['stdout'], string>>(true);
  is<Equal<ObservedValueOf<typeof results>['outcome'], 'done' | 'failed' | 'timed out' | 'not started'>>(
    true,
  );
  // @ts-expect-error an option that there is not
  names$.pipe(pool(server, { concurency: 2 }));
};

export const ready = async (): Promise<void> => {
  const work = readyWhen(server(), { port: 8080 }, { timeout: 5 });
  is<Equal<ObservedValueOf<typeof work>, RunEvent<string> | ReadyEvent>>(true);
  const result = await work;
  is<Equal<typeof result, RunResult<string>>>(true);
  // @ts-expect-error a condition that there is not
  readyWhen(server(), { prot: 8080 });
  // @ts-expect-error a port is a number
  const condition: Condition = { port: '8080' };
  void condition;
};

export const rolled = (): void => {
  const events = from(['a', 'b']).pipe(rollout((image) => readyWhen(run(local(), [image]), { line: 'up' })));
  is<Equal<ObservedValueOf<typeof events>, RolloutEvent<string>>>(true);
};

export const dialogue = async (): Promise<void> => {
  const talk = expect(local(), ['passwd'], [{ see: /password/, send: (match) => match[0] }]);
  is<Equal<ObservedValueOf<typeof talk>, ExpectEvent>>(true);
  const result = await talk;
  is<Equal<typeof result, RunResult>>(true);
  // @ts-expect-error a step sees something
  expect(local(), ['passwd'], [{ send: 'x' }]);
  // @ts-expect-error its input is the dialogue's
  expect(local(), ['passwd'], [], { input: 'x' });
};
