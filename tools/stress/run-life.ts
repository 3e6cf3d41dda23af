/**
 * One run that is unsubscribed from at a moment that chance picks: during its creation, its start, its life or its end, by
 * hand or by an operator of rxjs. Nothing else ends it: what is left is what unsubscribing left.
 */
import { interval, merge, type Observable, race, switchMap, take, takeUntil, timer } from 'rxjs';
import { local } from '../../src/hcs/local/index.js';
import { pipeline, run, runTask, switchRun } from '../../src/index.js';
import { pool, supervise } from '../../src/orchestrate/index.js';
import { type Chance, pick, scripts } from './life.js';

const stop = { grace: 50 };

type Work = (script: () => readonly string[], chance: Chance) => Observable<unknown>;

const works: Readonly<Record<string, Work>> = {
  'a run': (script, chance) =>
    run(local(), script(), { stop, ...(chance() < 0.3 && { timeout: chance() * 20 }) }),
  'a run with input': (script) => run(local(), script(), { stop, input: 'x'.repeat(100_000) }),
  'a run with a terminal': (script) => run(local(), script(), { stop, stdio: { terminal: true } }),
  'a pipeline': (script) => pipeline(run(local(), script(), { stop }), run(local(), ['cat'], { stop })),
  'a task': () => runTask({ id: 'task', system: local(), stop }),
  'runs in a task': (script) =>
    runTask({ id: 'task', system: local(), stop }, (task) =>
      merge(...Array.from({ length: 3 }, () => run(task, script(), { stop, reject: false }))),
    ),
  switchMap: (script) => interval(4).pipe(switchMap(() => run(local(), script(), { stop, reject: false }))),
  switchRun: (script) => interval(4).pipe(switchRun(() => run(local(), script(), { stop, reject: false }))),
  race: (script) => race(run(local(), script(), { stop }), run(local(), script(), { stop })),
  supervise: (script) =>
    supervise(() => run(local(), script(), { stop, keepOutput: false }), { backoff: { first: 2 } }),
  pool: (script) =>
    interval(1).pipe(
      take(5),
      pool(() => run(local(), script(), { stop }), { concurrency: 2, timeout: 10 }),
    ),
};

/** @returns what it was. */
export const liveAsRun = async (_: string, mark: string, chance: Chance): Promise<string> => {
  const [name, work] = pick(chance, Object.entries(works));
  const script = (): readonly string[] => ['sh', '-c', pick(chance, scripts(mark))];
  const instant = chance() < 0.2 ? 0 : chance() * 30;
  await new Promise<void>((left) => {
    const work$ = work(script, chance);
    if (chance() < 0.5) {
      work$.pipe(takeUntil(timer(instant))).subscribe({ error: () => left(), complete: left });
      return;
    }
    const subscription = work$.subscribe({ error: () => undefined });
    const leave = (): void => {
      subscription.unsubscribe();
      left();
    };
    if (instant === 0) leave();
    else setTimeout(leave, instant);
  });
  // Others may begin meanwhile; what was stopped has its grace.
  await new Promise((resolve) => setTimeout(resolve, 20));
  return name;
};
