/** A task that lives as long as it is wanted. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  concatMap,
  filter,
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  NEVER,
  switchMap,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { run, runTask } from 'rxshim';
import { local } from 'rxshim/local';
import { census, leftSince, nothing } from '../support/census.js';

describe('runTask', () => {
  // The first process opens what stays open for all.
  beforeAll(async () => void (await run(local(), ['true'])));

  it('is a task that runs until it is unsubscribed from', async () => {
    const before = census();
    const stdout$ = runTask({ id: 'jobs', system: local() }).pipe(
      switchMap((task) => run(task, ['echo', 'hello'])),
      filter((event) => event.kind === 'result'),
      take(1),
    );
    expect((await firstValueFrom(stdout$)).stdout).toBe('hello');
    expect(await leftSince(before)).toEqual(nothing);
  });

  it('completes when its init has ended', async () => {
    const ids$ = runTask({ id: 'short', system: local(), spec: { args: ['true'] } }).pipe(
      map(({ id }) => id),
    );
    expect(await lastValueFrom(ids$)).toBe('short');
  });

  it('gives its task to a function, and is gone before it is done', async () => {
    const before = census();
    const outputs$ = runTask({ id: 'jobs', system: local() }, (task) =>
      from(['1', '2']).pipe(
        concatMap((text) => run(task, ['echo', text])),
        toArray(),
      ),
    );
    expect((await outputs$).filter((event) => event.kind === 'result')).toHaveLength(2);
    const here = census();
    expect(here.children.length).toBeLessThanOrEqual(before.children.length + 1);
    expect(await leftSince(before)).toEqual(nothing);
  });

  it('fails as what uses it does, and is gone then', async () => {
    const before = census();
    const failing = runTask({ id: 'jobs', system: local() }, () => throwError(() => new Error('no more')));
    await expect(failing).rejects.toThrow('no more');
    expect(await leftSince(before)).toEqual(nothing);
  });

  it('leaves nothing wherever it is unsubscribed from', async () => {
    const before = census();
    for (let wait = 0; wait < 10; wait += 1) {
      const using = runTask({ id: 'jobs', system: local() }, () => NEVER).subscribe();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      using.unsubscribe();
    }
    expect(await leftSince(before)).toEqual(nothing);
  });
});
