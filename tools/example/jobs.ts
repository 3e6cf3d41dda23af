/** Five commands, two at a time, half a second for each. */
import { asyncScheduler, from, lastValueFrom, tap } from 'rxjs';
import { jobQueue } from '../../examples/job-queue.js';
import { onThisHost, sh } from './host.js';

export const jobs = (): Promise<void> =>
  onThisHost(async (task) => {
    const scripts = ['sleep 0.2', 'exit 3', 'sleep 60', 'true', 'kill -9 $$'];
    const queue = jobQueue(task, { concurrency: 2, timeout: 500, grace: 500, scheduler: asyncScheduler });
    const results$ = from(scripts.map((script, at) => ({ id: `job-${at + 1}`, args: sh(script) }))).pipe(
      queue,
      tap(({ id, outcome, status }) => console.log(`${id}  ${outcome.padEnd(11)} ${status}`)),
    );
    await lastValueFrom(results$);
  });
