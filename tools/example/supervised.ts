/** A program that always fails soon, kept running for a second and a half. */
import { asyncScheduler, lastValueFrom, takeUntil, tap, timer } from 'rxjs';
import { supervise } from '../../examples/supervisor.js';
import { onThisHost, sh } from './host.js';

export const supervised = (): Promise<void> =>
  onThisHost(async (task) => {
    const policy = { restart: 'always', pause: 100, longestPause: 1_000, steadyAfter: 5_000 } as const;
    const events$ = supervise(task, {
      name: 'web',
      args: sh('sleep 0.1; exit 1'),
      policy,
      scheduler: asyncScheduler,
    });
    await lastValueFrom(
      events$.pipe(
        tap((event) => console.log(...Object.values(event))),
        takeUntil(timer(1_500)),
      ),
    );
  });
