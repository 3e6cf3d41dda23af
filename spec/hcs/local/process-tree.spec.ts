import { constants } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, merge } from 'rxjs';
import { local } from '../../../src/hcs/local/index.js';
import { createTask, type Exec, type Task } from '../../../src/index.js';
import type { CallerOutput } from '../../../src/streams/stdio/upstream.js';
import { create, done, inSystem, lives, shell } from './on-this-host.js';

/** Says its number, ignores what a terminal's end sends, and takes its time to end when it is asked to. */
const saver = `sh -c 'trap "sleep 0.2; echo saved; exit 0" TERM; echo $$; while :; do sleep 0.02; done'`;
const stubborn = `sh -c 'trap "" TERM; echo $$; while :; do sleep 0.02; done'`;

const withTask = async <T>(script: string, test: (task: Task, pids: number[]) => Promise<T>): Promise<T> => {
  const stdio = { stdout: 'pipe' } as const;
  const task = await createTask({ id: 'tree', system: local(), spec: shell(script), stdio });
  try {
    await task.init.start();
    return await test(task, await numbers(task.init, script));
  } finally {
    await task[Symbol.asyncDispose]();
  }
};

const withJob = <T>(
  script: string,
  test: (task: Task, job: Exec, pids: number[]) => Promise<T>,
): Promise<T> =>
  withTask('echo $$; exec sleep 1000', async (task) => {
    const job = await task.createExec({ id: 'job', spec: shell(script), stdio: { stdout: 'pipe' } });
    await job.start();
    return test(task, job, await numbers(job, script));
  });

/** One reader for each exec: what comes after the numbers is the rest. */
const readers = new WeakMap<Exec, AsyncIterator<Uint8Array>>();

/** As many as the script prints. */
const numbers = async (exec: Exec, script: string): Promise<number[]> => {
  const reader = (exec.stdout as CallerOutput)[Symbol.asyncIterator]();
  readers.set(exec, reader);
  const count = script.split('echo $').length - 1;
  let text = '';
  while (text.split('\n').length <= count) {
    const { done: ended, value } = await reader.next();
    if (ended) throw new Error(`ended before ${count} numbers: ${text}`);
    text += Buffer.from(value).toString();
  }
  return text.trim().split('\n').map(Number);
};

const rest = async (exec: Exec): Promise<string> => {
  let seen = '';
  const reader = readers.get(exec) as AsyncIterator<Uint8Array>;
  for (let next = await reader.next(); !next.done; next = await reader.next())
    seen += Buffer.from(next.value);
  return seen;
};

const gone = async (pid: number): Promise<void> => {
  while (lives(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
};

const escapee = "(setsid env -i sh -c 'echo $$; exec sleep 1000' &)";

describe('stopping a local task', () => {
  it('gives its grace to what the init has started, and to its last output', () =>
    withTask(`${saver}; true`, async (task, pids) => {
      const output = rest(task.init);
      const outcome = await task.stop({ grace: 20_000 });
      expect(outcome).toMatchObject({ by: 'signal', kind: 'signaled', signal: 15, truncated: false });
      expect(await output).toBe('saved\n');
      expect(pids.filter(lives)).toEqual([]);
    }));

  it('gives its grace to the other execs as well', () =>
    withJob(`exec ${saver}`, async (task, job) => {
      const output = rest(job);
      await task.stop({ grace: 20_000 });
      expect(await output).toBe('saved\n');
      expect(job.status().exitStatus).toBe(0);
    }));

  it('kills what is left after the grace, and says so', () =>
    withTask(`${stubborn}; true`, async (task, pids) => {
      // Long enough for the init to end by its signal, on a busy machine too.
      expect(await task.stop({ grace: 1_000 })).toMatchObject({ by: 'kill', signal: 15 });
      expect(pids.filter(lives)).toEqual([]);
    }));

  it('signals the init alone where that is asked for, and ends the others with it', () =>
    withTask(`${saver} & wait`, async (task, pids) => {
      const output = rest(task.init);
      expect(await task.stop({ grace: 20_000, killMode: 'leader' })).toMatchObject({
        by: 'signal',
        signal: 15,
      });
      expect(await output).toBe('');
      expect(pids.filter(lives)).toEqual([]);
    }));

  it('reaches a daemon with neither parent, session nor environment of the task', () =>
    withTask(`${escapee}; exec sleep 1000`, async (task, pids) => {
      expect(await task.stop({ grace: 20_000 })).toMatchObject({ by: 'signal' });
      expect(pids.filter(lives)).toEqual([]);
    }));
});

describe('a job beside the init of a local task', () => {
  const leaving = 'sleep 1000 & echo $!; sleep 1001 & echo $!';
  const runsOn = `${leaving}; wait`;

  it.each([
    ['stopped', (job: Exec) => job.stop({ grace: 20_000 })],
    ['stopped without grace', (job: Exec) => job.stop({ grace: 0 })],
    ['stopped by its leader alone', (job: Exec) => job.stop({ killMode: 'leader' })],
    ['forced to exit', (job: Exec) => lastValueFrom(merge(job.forceExit(9), job.wait()))],
    ['left by its scope', (job: Exec) => job[Symbol.asyncDispose]()],
  ])('leaves no process running when it is %s', (_, end) =>
    withJob(runsOn, async (task, job, pids) => {
      await end(job);
      expect(pids.filter(lives)).toEqual([]);
      expect(task.init.state).toBe('running');
      await task.delete('job');
    }),
  );

  it('leaves no daemon running when it is stopped', () =>
    withJob(`${escapee}; exec sleep 1000`, async (_, job, pids) => {
      await job.stop({ grace: 20_000 });
      expect(pids.filter(lives)).toEqual([]);
    }));

  it('leaves its processes to the container when it ends by itself, and they are ended by a stop', () =>
    withJob(leaving, async (_, job, pids) => {
      expect(await firstValueFrom(job.exit$)).toMatchObject({ status: 0 });
      expect(pids.map(lives)).toEqual([true, true]);
      expect(await job.stop({ grace: 20_000 })).toMatchObject({ by: 'signal', status: 0 });
      expect(pids.filter(lives)).toEqual([]);
    }));

  it('can be stopped though nothing of it is left', () =>
    withJob('echo $$', async (_, job) => {
      await job.wait();
      expect(await job.stop()).toMatchObject({ by: 'itself', status: 0 });
    }));

  it('does not take the processes of another job with it', () =>
    withJob(`${escapee}; exec sleep 1000`, async (task, job, pids) => {
      const other = await task.createExec({ id: 'other', spec: shell('sleep 1000') });
      await other.start();
      await other.stop({ grace: 20_000 });
      expect([job.pid, ...pids].map(lives)).toEqual([true, true]);
    }));

  it('gets a signal alone, or with everything that it has started', () =>
    withJob(`${saver}; true`, async (_, job, [pid]) => {
      await job.kill('SIGCONT');
      expect(lives(pid as number)).toBe(true);
      await job.kill('SIGKILL', { killMode: 'tree' });
      await gone(pid as number);
    }));

  it('refuses a mode that there is not', () =>
    withJob('echo $$; exec sleep 1000', async (task, job) => {
      const killMode = 'group' as 'tree';
      await expect(async () => job.stop({ killMode })).rejects.toMatchObject({ kind: 'invalidArgument' });
      await expect(async () => job.kill(15, { killMode })).rejects.toMatchObject({ kind: 'invalidArgument' });
      await expect(async () => task.kill(15, { all: true, killMode: 'tree' })).rejects.toMatchObject({
        kind: 'invalidArgument',
      });
    }));
});

describe('the tree of a local process', () => {
  it('is gone when the last of it has ended', () =>
    inSystem(async (system) => {
      await create(system, { args: ['cat'] });
      const process = await create(system, shell('exec 3<&0; (setsid sh -c "read line <&3" &)'));
      await done(process.exit$);
      let isGone = false;
      const watching = done(process.tree!.gone$).then(() => {
        isGone = true;
      });
      expect(await firstValueFrom(process.tree!.signal({ Signal: constants.signals.SIGCONT }))).toBe(
        'delivered',
      );
      expect(isGone).toBe(false);
      await done(process.closeStdin());
      await watching;
      expect(await firstValueFrom(process.tree!.signal({ Signal: 15 }))).toBe('notDelivered');
    }));
});
