/** Containers whose owner, a real program, is killed with SIGKILL, adopted by this one. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { unknownStatus } from '../../../../src/hcs/contract/exit-code.js';
import type { TaskRegistry } from '../../../../src/hcs/contract/task-registry.js';
import { runcRegistry } from '../../../../src/hcs/runc/index.js';
import { listTasks } from '../../../../src/streams/owned/list-tasks.js';
import { reap } from '../../../../src/streams/owned/reap.js';
import { text } from '../../../../src/streams/stdio/output.js';
import { adoptTask } from '../../../../src/streams/task/adopt-task.js';
import { runWord } from '../../../support/run-word.js';
import { describeWithRunc, harness } from '../on-runc.js';
import { type Owner, owner } from './owner.js';

describeWithRunc('a container of runc whose owner was killed', () => {
  const { bundle, path, root } = harness();
  let count = 0;
  let owners: Owner[] = [];
  const directory = (): string => path('records');
  const registry = (): TaskRegistry => runcRegistry({ directory: directory(), root: root() });

  /** Runs an owner, which has its output so far as `got`, and kills it when it has printed `ready`. */
  const owned = async (script: string, program: string): Promise<string> => {
    count += 1;
    const id = `${runWord}-adopt-${process.pid}-${count}`;
    const settings = { id, bundle: bundle(script), root: root(), directory: directory() };
    const first = owner(
      `let got = '';
       const task = await createTask({ id: settings.id, system: containerOf(settings.id, settings.bundle),
         stdio: { stdout: { write: async (chunk) => (got += Buffer.from(chunk)) }, stderr: 'ignore' } });
       ${program}`,
      settings,
    );
    owners.push(first);
    await first.printed('ready');
    await first.kill();
    return id;
  };

  /** Lets a script go on that waits for it: `wait`. */
  const wait = 'until [ -e /tmp/go ]; do sleep 0.05; done';
  const letGoOn = async (): Promise<void> => {
    const [listed] = await listTasks({ registry: registry() });
    writeFileSync(`/proc/${listed?.pid}/root/tmp/go`, '');
  };

  afterEach(async () => {
    for (const one of owners) await one.kill();
    owners = [];
    await reap({ registry: registry(), owner: 'spec', olderThan: 0 });
    expect(existsSync(directory()) ? readdirSync(directory()) : []).toEqual([]);
  });

  it('has an exec whose record is damaged as a lost one, and is adopted all the same', async () => {
    const id = await owned(
      'while :; do sleep 0.05; done',
      `await task.init.start();
       const exec = await task.createExec({ id: 'one', spec: { args: ['sleep', '1000'] } });
       await exec.start();
       print('ready');`,
    );
    const [record = ''] = readdirSync(join(directory(), id, 'execs'));
    writeFileSync(join(directory(), id, 'execs', record, 'process'), 'damaged');
    const task = await adoptTask({ id, system: registry().system(id) });
    expect(await task.exec(record).wait()).toMatchObject({
      kind: 'lost',
      reason: expect.stringContaining('its record cannot be read'),
    });
    expect(task.init.state).toBe('running');
  });

  it('is adopted with its output from where it was left, and its true exit status', async () => {
    const id = await owned(
      `echo one; ${wait}; echo two; echo three >&2; exit 7`,
      // It records how far it has read a moment after that.
      `await task.init.start();
       while (got !== 'one\\n') await new Promise((resolve) => setTimeout(resolve, 5));
       setTimeout(() => print('ready'), 300);`,
    );
    expect(await listTasks({ registry: registry() })).toMatchObject([
      { id, state: 'running', ownership: { owner: 'spec', run: 'first' } },
    ]);
    const task = await adoptTask({
      id,
      system: registry().system(id),
      stdio: { stdout: 'pipe', stderr: 'pipe' },
    });
    expect(task.init.state).toBe('running');
    const go = await task.createExec({ id: 'go', spec: { args: ['touch', '/tmp/go'] } });
    await go.start();
    expect(await go.wait()).toMatchObject({ status: 0 });
    const output = Promise.all([text(task.init.stdout), text(task.init.stderr)]);
    expect(await task.wait()).toMatchObject({ kind: 'exited', status: 7, forced: false, truncated: false });
    expect(await output).toEqual(['two\n', 'three\n']);
    expect(await listTasks({ registry: registry() })).toMatchObject([{ state: 'exited', exit: { code: 7 } }]);
    await task.delete();
    expect(await listTasks({ registry: registry() })).toEqual([]);
  });

  it('is stopped and deleted by its successor, with its execs, which keep their ids', async () => {
    const id = await owned(
      'trap "exit 3" TERM; while :; do sleep 0.05; done',
      `await task.init.start();
       const exec = await task.createExec({ id: 'worker', spec: { args: ['sh', '-c', 'trap "exit 5" USR1; while :; do sleep 0.05; done'] } });
       await exec.start();
       setTimeout(() => print('ready'), 300);`,
    );
    const task = await adoptTask({ id, system: registry().system(id) });
    const worker = task.exec('worker');
    expect(worker.state).toBe('running');
    await task.kill('SIGUSR1', { execId: 'worker' });
    expect(await worker.wait()).toMatchObject({ kind: 'exited', status: 5 });
    expect(await task.stop()).toMatchObject({ by: 'signal', status: 3 });
    await task.delete();
  });

  it('that waits for its start is started', async () => {
    const id = await owned('echo hello; exit 4', `print('ready');`);
    expect(await listTasks({ registry: registry() })).toMatchObject([{ state: 'created' }]);
    const task = await adoptTask({ id, system: registry().system(id), stdio: { stdout: 'pipe' } });
    expect(task.init.state).toBe('created');
    await task.init.start();
    expect(await text(task.init.stdout)).toBe('hello\n');
    expect(await task.wait()).toMatchObject({ status: 4 });
    await task.delete();
  });

  it('and that ended while no program watched it is reported as lost, with all of its output', async () => {
    const id = await owned(
      `echo before; ${wait}; echo after; exit 9`,
      `await task.init.start(); print('ready');`,
    );
    await letGoOn();
    for (;;) {
      const [listed] = await listTasks({ registry: registry() });
      if (listed?.state === 'exited') break;
    }
    const task = await adoptTask({
      id,
      system: registry().system(id),
      output: 'start',
      stdio: { stdout: 'pipe' },
    });
    const outcome = await task.wait();
    expect(outcome).toMatchObject({
      kind: 'lost',
      status: unknownStatus,
      reason: expect.stringMatching(/no program/),
    });
    expect(outcome.gaps).toBeUndefined();
    expect(await text(task.init.stdout)).toBe('before\nafter\n');
    await task.delete();
  });

  it('is adopted by two programs, which both learn its exit', async () => {
    const id = await owned(`${wait}; exit 6`, `await task.init.start(); print('ready');`);
    const tasks = [
      await adoptTask({ id, system: registry().system(id) }),
      await adoptTask({ id, system: registry().system(id) }),
    ];
    await letGoOn();
    const outcomes = await Promise.all(tasks.map((task) => task.wait()));
    expect(outcomes.map(({ status }) => status)).toEqual([6, 6]);
    await Promise.all(tasks.map((task) => task.delete()));
  });
});
