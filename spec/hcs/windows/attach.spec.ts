import { expect, it } from '@jest/globals';
import { attach } from '../../../src/hcs/windows/index.js';
import { createTask } from '../../../src/index.js';
import { done, first, overEachLibrary, puppet, script } from './on-the-double.js';

overEachLibrary('attaching to a container of another process', (on) => {
  const { double, opened, running } = on;

  it('runs a task in it, takes away what it brought, and leaves the rest', async () => {
    const owner = await running();
    const theirs = await puppet(on, owner, 70_000);
    double.puppets(0);
    const task = await createTask({
      id: 'attach',
      system: attach(opened(owner.id)),
      spec: { args: [process.execPath, '-e', 'console.log("hello")'] },
      stdio: { stdout: 'pipe' },
    });
    await task.init.start();
    const { commandLine } = { commandLine: script('setTimeout(() => {}, 60_000)').CommandLine! };
    const exec = await task.createExec({ id: 'other', spec: { commandLine } });
    await exec.start();
    let said = '';
    for await (const chunk of task.init.stdout!) said += Buffer.from(chunk).toString();
    expect(said.trim()).toBe('hello');
    expect(await task.wait()).toMatchObject({ status: 0 });
    expect(await exec.wait()).toMatchObject({ status: 1 });
    await task.delete();
    expect(await first(owner.pids())).toEqual([70_000]);
    double.exit(70_000, 0);
    await done(theirs.close());
  });

  it('stops what it brought by the container’s own signals', async () => {
    const owner = await running();
    const task = await createTask({
      id: 'attach',
      system: attach(opened(owner.id)),
      spec: { commandLine: script('setTimeout(() => {}, 60_000)').CommandLine! },
    });
    await task.init.start();
    expect(await task.stop({ signal: 'TERM', grace: 20_000 })).toMatchObject({
      by: 'signal',
      status: 0xc000013a,
    });
    await task.delete();
    expect(await first(owner.pids())).toEqual([]);
  });

  it('is an error if it does not exist', async () => {
    const task = await createTask({ id: 'attach', system: attach(opened('unknown')), spec: { args: ['x'] } });
    await expect(task.init.start()).rejects.toMatchObject({ kind: 'notFound' });
    await task[Symbol.asyncDispose]();
  });

  it('hears of the end of the container', async () => {
    const owner = await running();
    const attached = attach(opened(owner.id));
    await done(attached.start());
    await done(owner.terminate());
    expect(await first(attached.exit$)).toEqual({ reason: 'ended' });
    await done(attached.close());
  });
});
