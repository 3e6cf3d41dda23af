import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { createTask, type Exec, type Task } from '../../../src/index.js';
import { lives } from '../local/on-this-host.js';
import { type Config, describeWithRunc, harness } from './on-runc.js';

/** The processes of this host whose command line has this word. */
const called = (word: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isCalled(name, word))
    .map(Number)
    .filter(lives);

const isCalled = (pid: string, word: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(word);
  } catch {
    return false;
  }
};

/** Seconds to sleep that tell a spec's own processes from all others. */
let latest = 1_000_000 + process.pid * 10;
const seconds = (): string => String(++latest);

/** Says so when it is asked to end. */
const server = (name: string, last = 'true'): string =>
  `sh -c 'trap "echo ${name} ends; ${last}; exit 0" TERM; echo ready; while :; do sleep 0.01; done'`;

const sharesPids = (config: Config): void => {
  config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'pid');
};

/** Reads all of it, and waits for what is to come. */
const reading = (source: AsyncIterable<Uint8Array> | undefined) => {
  let seen = '';
  void (async () => {
    for await (const chunk of source ?? []) seen += Buffer.from(chunk).toString();
  })();
  return { seen: (pattern: RegExp) => eventually(() => pattern.test(seen)), text: () => seen };
};

const eventually = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Once they all run. */
const allCalled = async (word: string, count: number): Promise<number[]> => {
  await eventually(() => called(word).length === count);
  return called(word);
};

describeWithRunc('the tree of an exec in a container of runc', () => {
  const { container } = harness();

  const withInit = async (test: (task: Task) => Promise<void>, config?: (c: Config) => void) => {
    const system = container(['sleep', '1000'], config && { config });
    const task = await createTask({ id: system.id, system });
    try {
      await task.init.start();
      await test(task);
    } finally {
      await task[Symbol.asyncDispose]();
    }
  };

  const execOf = async (task: Task, id: string, script: string): Promise<Exec> => {
    const exec = await task.createExec({
      id,
      spec: { args: ['sh', '-c', script] },
      stdio: { stdout: 'pipe' },
    });
    await exec.start();
    return exec;
  };

  /** A child, an orphan, and an orphan with a session and an empty environment of its own. */
  const family = (name: string): string =>
    `sleep ${name} & (sleep ${name} &); (setsid env -i /bin/sleep ${name} </dev/null >/dev/null 2>&1 &); wait`;

  test.each([
    ['stopped', (exec: Exec) => exec.stop({ grace: 20_000 })],
    ['stopped without grace', (exec: Exec) => exec.stop({ grace: 0 })],
    ['stopped by its leader alone', (exec: Exec) => exec.stop({ killMode: 'leader' })],
    ['forced to end', (exec: Exec) => exec.forceExit(1)],
    ['killed with its tree', (exec: Exec) => exec.kill('SIGKILL', { killMode: 'tree' })],
  ])('ends whole when it is %s, and the other execs go on', (_, end) =>
    withInit(async (task) => {
      const [name, othersName] = [seconds(), seconds()];
      const exec = await execOf(task, 'job', family(name));
      const other = await execOf(task, 'other', family(othersName));
      await allCalled(name, 3);
      const others = await allCalled(othersName, 3);
      await end(exec);
      await exec.wait();
      await task.delete('job');
      expect(called(name)).toEqual([]);
      expect(called(othersName)).toEqual(others);
      expect(other.status()).toMatchObject({ status: 'RUNNING' });
    }),
  );

  test('has its grace also below a shell that waits', () =>
    withInit(async (task) => {
      const exec = await execOf(task, 'job', `${server('server')}; true`);
      const output = reading(exec.stdout);
      await output.seen(/ready/);
      expect(await exec.stop({ grace: 20_000 })).toMatchObject({ by: 'signal' });
      await output.seen(/server ends/);
    }));

  test('is what outlives its process, too', () =>
    withInit(async (task) => {
      const name = seconds();
      const exec = await execOf(task, 'job', `(setsid env -i /bin/sleep ${name} >/dev/null 2>&1 &); exit 0`);
      await exec.wait();
      await allCalled(name, 1);
      await exec.stop({ grace: 20_000 });
      expect(called(name)).toEqual([]);
    }));

  test('is found among processes that share the ids of the host', () =>
    withInit(async (task) => {
      const name = seconds();
      const exec = await execOf(task, 'job', family(name));
      await allCalled(name, 3);
      await exec.stop({ grace: 20_000 });
      expect(called(name)).toEqual([]);
      expect(task.init.status()).toMatchObject({ status: 'RUNNING' });
    }, sharesPids));
});

describeWithRunc('the tree of an init in a container of runc', () => {
  const { container } = harness();

  const onSpawn = async (script: string, config?: (c: Config) => void): Promise<Task> => {
    const system = container(script, config && { config });
    const task = await createTask({ id: system.id, system, stdio: { stdout: 'pipe' } });
    await task.init.start();
    return task;
  };

  test('gets the signal of a stop below a shell that waits, and in the execs', async () => {
    // The init goes on until the exec has heard of it, too. Its sleep gets the signal as well.
    const task = await onSpawn(`${server('server')}; while [ ! -e /tmp/heard ]; do sleep 0.01; done; exit 0`);
    const output = reading(task.init.stdout);
    const exec = await task.createExec({
      id: 'job',
      spec: { args: ['sh', '-c', server('job', 'touch /tmp/heard')] },
      stdio: { stdout: 'pipe' },
    });
    await exec.start();
    const execOutput = reading(exec.stdout);
    await Promise.all([output.seen(/ready/), execOutput.seen(/ready/)]);
    expect(await task.stop({ grace: 20_000 })).toMatchObject({ by: 'signal', status: 0 });
    await output.seen(/server ends/);
    await task.delete();
  });

  test('keeps its grace after the init where that shares the ids of the host', async () => {
    const name = seconds();
    const slow = `sh -c 'trap "sleep 0.3; echo slow ends; exit 0" TERM; echo ready; while :; do sleep 0.01; done' ${name}`;
    const task = await onSpawn(`${slow} & exec sleep 1000`, sharesPids);
    const output = reading(task.init.stdout);
    await output.seen(/ready/);
    expect(await task.stop({ grace: 20_000 })).toMatchObject({ by: 'signal', status: 143 });
    await output.seen(/slow ends/);
    expect(called(name)).toEqual([]);
    await task.delete();
  });

  test('is killed when its grace is over where it shares the ids of the host', async () => {
    const name = seconds();
    const deaf = `sh -c 'trap "" TERM; echo ready; while :; do sleep 0.01; done' ${name}`;
    const task = await onSpawn(`${deaf} & exec sleep 1000`, sharesPids);
    await reading(task.init.stdout).seen(/ready/);
    // Long enough for the init to end by its signal, on a busy machine too.
    expect(await task.stop({ grace: 1_000 })).toMatchObject({ by: 'kill', status: 143 });
    expect(called(name)).toEqual([]);
    await task.delete();
  });

  test('is not waited for when it was not asked: what outlives an init that ends by itself is killed', async () => {
    const name = seconds();
    const task = await onSpawn(`sleep ${name} & echo ready`, sharesPids);
    expect(await task.wait()).toMatchObject({ status: 0 });
    await task.delete();
    expect(called(name)).toEqual([]);
  });
});
