/** Five commands, two at a time, half a second for each. */
import { asyncScheduler, lastValueFrom, tap } from 'rxjs';
import { jobQueue } from '../../examples/job-queue.js';
import { onThisHost, sh } from './host.js';

export const jobs = (): Promise<void> =>
  onThisHost(async (task) => {
    const scripts = ['sleep 0.2', 'exit 3', 'sleep 60', 'true', 'kill -9 $$'];
    const results$ = jobQueue(task, scripts.map(sh), asyncScheduler).pipe(
      tap(({ job, outcome, result }) => console.log(`${outcome.padEnd(11)} ${result.status} ${job.at(-1)}`)),
    );
    await lastValueFrom(results$);
  });
