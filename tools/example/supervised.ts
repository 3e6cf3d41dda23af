/** A program that always fails soon, kept running for a second and a half. */
import { asyncScheduler, lastValueFrom, takeUntil, tap, timer } from 'rxjs';
import { supervisor } from '../../examples/supervisor.js';
import { onThisHost, sh } from './host.js';

export const supervised = (): Promise<void> =>
  onThisHost(async (task) => {
    const events$ = supervisor(task, sh('sleep 0.1; exit 1'), asyncScheduler).pipe(
      tap((event) => console.log(event.kind, event.kind === 'waiting' ? event.ms : event.attempt)),
      takeUntil(timer(1_500)),
    );
    await lastValueFrom(events$);
  });
