/** Unsubscribing from a run stops its tree at once, and the operators of rxjs do what their users mean. */
import { createServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  BehaviorSubject,
  catchError,
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  of,
  race,
  Subject,
  switchMap,
  take,
  tap,
  timeout,
  toArray,
  VirtualTimeScheduler,
} from 'rxjs';
import { createTask, type Exec, type ExecRequest, type RunEvent, run, switchRun, type Task } from 'rxshim';
import { local } from 'rxshim/local';
import { type Census, census, leftSince, nothing } from '../support/census.js';
import { hasEnded } from '../support/has-ended.js';

const isAlive = (pid: number): boolean => !hasEnded(pid);

const gone = async (pids: readonly number[]): Promise<void> => {
  while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** Emits the numbers of the two processes of a run as soon as both are known. */
const pair = (target: ReturnType<typeof local> | Task, stop = {}) =>
  run(target, ['sh', '-c', 'sleep 300 & echo $!; wait'], { stop });

const pidsOf = (events: readonly RunEvent[]): readonly number[] =>
  events.flatMap((event) => {
    if (event.kind === 'started') return [event.pid];
    if (event.kind === 'output') return [Number(Buffer.from(event.bytes).toString())];
    return [];
  });

describe('unsubscribing from a run', () => {
  let before: Census;
  beforeAll(async () => {
    // The first process opens what stays open for all.
    await run(local(), ['true']);
    before = census();
  });
  afterEach(async () => expect(await leftSince(before)).toEqual(nothing));

  it('stops its tree at once', async () => {
    const pids = pidsOf(await firstValueFrom(pair(local()).pipe(take(2), toArray())));
    expect(pids).toHaveLength(2);
    await gone(pids);
  });

  it('stops its tree beside the init of a task, and the task forgets it', async () => {
    const task = await createTask({ id: 'jobs', system: local() });
    await task.init.start();
    const pids = pidsOf(await firstValueFrom(pair(task).pipe(take(2), toArray())));
    await gone(pids);
    while (task.execs.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await task.stop();
    await task.delete();
  });

  it('stops nothing after its end', async () => {
    const task = await createTask({ id: 'init', system: local() });
    await task.init.start();
    let stops = 0;
    const counted = (exec: Exec): Exec =>
      new Proxy(exec, {
        get: (_, name: keyof Exec) => {
          if (name === 'stop') stops += 1;
          const value = exec[name];
          return typeof value === 'function' ? value.bind(exec) : value;
        },
      });
    const counting = {
      system: task.system,
      createExec: (request: ExecRequest) => task.createExec(request).pipe(map(counted)),
      delete: (id: string) => task.delete(id),
    } as Task;
    try {
      // A subscription that completes is unsubscribed from, too.
      await lastValueFrom(run(counting, ['true']));
      expect(stops).toBe(0);
      await lastValueFrom(run(counting, ['sleep', '300']).pipe(take(1)));
      expect(stops).toBe(1);
    } finally {
      await task[Symbol.asyncDispose]();
    }
  });

  it('kills what does not heed the signal after its grace', async () => {
    const stubborn = run(local(), ['sh', '-c', 'trap "" TERM; echo; sleep 300; sleep 300'], {
      stop: { grace: 100 },
    });
    const pids = pidsOf(await firstValueFrom(stubborn.pipe(take(2), toArray()))).filter((pid) => pid > 0);
    await gone(pids);
  });

  it('at any moment leaves nothing', async () => {
    for (let wait = 0; wait < 20; wait += 1) {
      const running = run(local(), ['sleep', '300']).subscribe();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      running.unsubscribe();
    }
  });

  it('is what switchMap does with the one before', async () => {
    const pids: number[] = [];
    // A key when the run of the one before has started, not by the clock.
    const keys$ = new BehaviorSubject(1);
    const last$ = keys$.pipe(
      switchMap(() => run(local(), ['sleep', '300'])),
      filter((event) => event.kind === 'started'),
      tap(({ pid }) => {
        pids.push(pid);
        if (pids.length < 3) keys$.next(pids.length + 1);
      }),
      take(3),
    );
    await lastValueFrom(last$);
    expect(pids).toHaveLength(3);
    await gone(pids);
  });

  it('is what timeout and race do', async () => {
    const pids: number[] = [];
    // Its time passes when the run has started.
    const time = new VirtualTimeScheduler();
    const noted = (script: string) =>
      run(local(), ['sh', '-c', script]).pipe(
        tap((event) => {
          if (event.kind !== 'started') return;
          pids.push(event.pid);
          setImmediate(() => time.flush());
        }),
        filter((event) => event.kind === 'result'),
      );
    const name$ = noted('sleep 300').pipe(
      timeout({ each: 200, scheduler: time }),
      map(() => 'it ended'),
      catchError((error: Error) => of(error.name)),
    );
    expect(await firstValueFrom(name$)).toBe('TimeoutError');
    const first = await firstValueFrom(race(noted('sleep 300'), noted('exit 0')));
    expect(first.status).toBe(0);
    expect(pids).toHaveLength(3);
    await gone(pids);
  });
});

describe('switchRun', () => {
  /** Listens until it is asked to end, and then takes its time. */
  const server = (port: number) =>
    run(local(), [
      process.execPath,
      '-e',
      `require('net').createServer().listen(${port}, () => console.log('listening'));
       process.on('SIGTERM', () => setTimeout(() => process.exit(), 200));`,
    ]);

  it('starts the next server only when the port is free again', async () => {
    const port = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, () => {
        const { port } = probe.address() as { port: number };
        probe.close(() => resolve(port));
      });
    });
    let serving = 0;
    // Not by the clock: a server that is stopped before it listens says nothing.
    const saves$ = new BehaviorSubject(1);
    const ready$ = saves$.pipe(
      switchRun(() => server(port)),
      filter((event) => event.kind === 'output'),
      take(3),
      tap(() => {
        serving += 1;
        if (serving < 3) saves$.next(serving + 1);
      }),
    );
    await lastValueFrom(ready$);
    expect(serving).toBe(3);
  });

  it('runs only the last of the values that come while one is being stopped', async () => {
    const slow = 'trap "sleep 0.3; exit" TERM; echo up; while :; do sleep 0.05; done';
    const ran: number[] = [];
    const values$ = new Subject<number>();
    const events$ = values$.pipe(
      switchRun((value) => {
        ran.push(value);
        return run(local(), ['sh', '-c', value === 4 ? 'exit 0' : slow]);
      }),
      tap(({ kind }) => {
        if (kind !== 'output') return;
        for (const later of [2, 3, 4]) values$.next(later);
        values$.complete();
      }),
    );
    const ended = lastValueFrom(events$);
    values$.next(1);
    expect(await ended).toMatchObject({ kind: 'result' });
    expect(ran).toEqual([1, 4]);
  });

  it('ends with the error of a command that fails by itself', async () => {
    const failing$ = of(1).pipe(switchRun(() => run(local(), ['false'])));
    await expect(lastValueFrom(failing$)).rejects.toThrow('run false: exited with status 1');
  });
});
