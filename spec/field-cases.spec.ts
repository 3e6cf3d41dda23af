/**
 * What users of the neighbouring systems suffer from, played with real processes through the whole library.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, mergeMap, range, toArray } from 'rxjs';
import { local } from '../src/hcs/local/index.js';
import {
  createTask,
  type Exec,
  lines,
  type StdioRequest,
  type Task,
  type TaskOptions,
  text,
} from '../src/index.js';
import { census, leftSince, nothing } from './support/census.js';

const sh = (script: string) => ({ args: ['sh', '-c', script] });

/** A task whose init waits, and which leaves nothing behind. */
const inTask = async (
  act: (task: Task) => Promise<void>,
  options: Partial<TaskOptions> = {},
): Promise<void> => {
  const task = await createTask({ id: 'field', system: local(), spec: sh('exec sleep 1000'), ...options });
  try {
    await task.init.start();
    await act(task);
  } finally {
    await task[Symbol.asyncDispose]();
  }
};

const started = async (task: Task, id: string, script: string, stdio: StdioRequest = {}): Promise<Exec> => {
  const exec = await task.createExec({ id, spec: sh(script), stdio });
  await exec.start();
  return exec;
};

/** Waits until a process that would never rest by itself rests: its output is full. */
const stuck = async (pid: number): Promise<void> => {
  for (let resting = 0; resting < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const [state] = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] as string).split(' ');
    resting = state === 'S' ? resting + 1 : 0;
  }
};

describe('a process that', () => {
  it('leaves a grandchild with its stdout has exited all the same; what the grandchild might say is cut', () =>
    inTask(
      async (task) => {
        const exec = await started(task, 'e', 'sleep 1000 & echo hi; exit 3', { stdout: 'pipe' });
        const said: string[] = [];
        const reading = (async () => {
          for await (const line of lines(exec.stdout)) said.push(line);
        })();
        const cut = expect(reading).rejects.toMatchObject({ kind: 'truncated' });
        const order: string[] = [];
        exec.exit$.subscribe(({ status }) => order.push(`exit ${status}`));
        exec.drained$.subscribe(({ truncated }) => order.push(`drained, truncated ${truncated}`));
        expect(await exec.wait()).toMatchObject({ kind: 'exited', code: 3, truncated: true });
        expect(order).toEqual(['exit 3', 'drained, truncated true']);
        await cut;
        expect(said).toEqual(['hi']);
      },
      { policies: { drain: { cap: 200 } } },
    ));

  it('ignores SIGTERM is killed after its grace period, and the outcome says so', () =>
    inTask(async (task) => {
      const script = "trap '' TERM; echo ready; while :; do sleep 0.01; done";
      const exec = await started(task, 'e', script, { stdout: 'pipe' });
      await exec.stdout?.[Symbol.asyncIterator]().next();
      expect(await exec.stop({ grace: 50 })).toMatchObject({
        by: 'kill',
        kind: 'signaled',
        signal: 9,
        status: 137,
      });
    }));

  it('closes its stdout early runs on, and nothing of it is cut', () =>
    inTask(async (task) => {
      const exec = await started(task, 'e', 'echo bye; exec >&-; read line; exit 4', {
        stdin: 'pipe',
        stdout: 'pipe',
      });
      expect(await text(exec.stdout)).toBe('bye\n');
      expect(exec.state).toBe('running');
      await exec.stdin?.write(Buffer.from('go\n'));
      expect(await exec.wait()).toMatchObject({ code: 4, truncated: false });
    }));

  it('never reads its stdin neither waits for its writer nor keeps it waiting', () =>
    inTask(async (task) => {
      const exec = await started(task, 'e', 'read line; exit 5', { stdin: 'pipe' });
      const writing = exec.stdin?.write(Buffer.from(`go\n${'x'.repeat(4_000_000)}`));
      // Taken or refused, but not left hanging.
      const settled = Promise.resolve(writing).then(
        () => 'taken',
        () => 'refused',
      );
      expect(await exec.wait()).toMatchObject({ code: 5 });
      expect(['taken', 'refused']).toContain(await settled);
    }));

  it('floods a reader who never reads is stopped like any other', () =>
    inTask(
      async (task) => {
        const exec = await started(task, 'e', 'exec cat /dev/zero', { stdout: 'pipe', stderr: 'pipe' });
        await stuck(exec.pid);
        expect(await exec.stop({ grace: 5_000 })).toMatchObject({
          by: 'signal',
          status: 143,
          unread: ['stdout'],
        });
      },
      { policies: { drain: { cap: 100 } } },
    ));
});

describe('a gibibyte', () => {
  it('comes whole through a slow reader, in bounded memory', () =>
    inTask(async (task) => {
      const size = 2 ** 30;
      const exec = await started(task, 'e', `exec head -c ${size} /dev/zero`, { stdout: 'pipe' });
      const before = process.memoryUsage().rss;
      let [bytes, pauses, most] = [0, 0, 0];
      for await (const chunk of exec.stdout ?? []) {
        bytes += chunk.byteLength;
        if (bytes < (pauses + 1) * 2 ** 25) continue;
        pauses += 1;
        // Long enough for a writer without limits to get far ahead.
        await new Promise((resolve) => setTimeout(resolve, 10));
        most = Math.max(most, process.memoryUsage().rss - before);
      }
      expect(bytes).toBe(size);
      expect(await exec.wait()).toMatchObject({ code: 0, truncated: false });
      expect(most).toBeLessThan(128 * 2 ** 20);
    }));
});

describe('a thousand execs', () => {
  const timersHere = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const listenersHere = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);

  it('each report their own code and word, and leave nothing behind', async () => {
    // The first one opens what is kept for the life of the program.
    await inTask(
      async (task) => void (await (await started(task, 'first', 'echo x', { stdout: 'pipe' })).wait()),
    );
    const before = census();
    const [timers, listeners] = [timersHere(), listenersHere()];
    await inTask(async (task) => {
      const one = async (index: number): Promise<string> => {
        const exec = await started(task, `e${index}`, `echo ${index}; exit ${index % 200}`, {
          stdout: 'pipe',
        });
        const said = await text(exec.stdout);
        const { status } = await exec.wait();
        await task.delete(exec.id);
        return `${said.trim()} ${status}`;
      };
      const ends = await lastValueFrom(range(0, 1000).pipe(mergeMap(one, 25), toArray()));
      expect(new Set(ends)).toEqual(
        new Set(Array.from({ length: 1000 }, (_, index) => `${index} ${index % 200}`)),
      );
      expect(task.execs).toEqual([]);
      expect(await firstValueFrom(task.system.pids())).toEqual([task.init.pid]);
    });
    expect(await leftSince(before)).toEqual(nothing);
    expect(listenersHere()).toEqual(listeners);
    // Those of the test runner come and go.
    expect(timersHere()).toBeLessThanOrEqual(timers);
  });
});
