/** How many requests a task costs an API server: the counts of the table in docs/kubernetes.md. */
import { expect, it } from '@jest/globals';
import { kubernetes } from '../../../src/hcs/kubernetes/index.js';
import { createTask, run, text } from '../../../src/index.js';
import { onStandIn } from './on-stand-in.js';

onStandIn('a task asks of an API server', ({ cluster }) => {
  const place = () => {
    const { server, namespace, image } = cluster();
    return { server, namespace, image, terminationGracePeriodSeconds: 1 };
  };
  /** Resolves with the requests other than those of the shared watch, as `POST pods`. */
  const askedBy = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const from = cluster().asked.length;
    await work();
    return cluster()
      .asked.slice(from)
      .filter((one) => !/[?&](watch=1|limit=500)/.test(one))
      .map((one) =>
        one.replace(
          / .*\/pods(\/[^/?]*)?(\/[a-z]+)?.*/,
          (_, name, part) => ` pod${name ? '' : 's'}${part ?? ''}`,
        ),
      );
  };

  it('for a command with run(): a creation, an attachment and a deletion', async () => {
    const asked = await askedBy(() => run(kubernetes(place()), ['echo', 'hello']));
    expect(asked).toEqual(['POST pods', 'GET pod/attach', 'DELETE pod']);
  });

  it('for a task whose log is read: the log in place of the attachment', async () => {
    const asked = await askedBy(async () => {
      const system = kubernetes({ ...place(), command: ['echo', 'a'] });
      const task = await createTask({ id: 'log', system, stdio: { stdout: 'pipe' } });
      await task.init.start();
      await text(task.init.stdout);
      await task.wait();
      await task.delete();
    });
    // A log that ends before the exit is known is asked for again.
    expect([...new Set(asked)]).toEqual(['POST pods', 'GET pod/log', 'DELETE pod']);
    expect(asked.filter((one) => one !== 'GET pod/log')).toHaveLength(2);
  });

  it('for an exec and for a signal: one request each', async () => {
    const system = kubernetes({ ...place(), command: ['sleep', '1000'] });
    const task = await createTask({ id: 'many', system });
    const start = await askedBy(() => task.init.start());
    const exec = await askedBy(async () => {
      const one = await task.createExec({
        id: 'e',
        spec: { args: ['echo', 'a'] },
        stdio: { stdout: 'pipe' },
      });
      await one.start();
      await text(one.stdout);
      await one.wait();
    });
    const signalled = await askedBy(async () => {
      const one = await task.createExec({ id: 's', spec: { args: ['sleep', '1000'] } });
      await one.start();
      await one.kill('SIGKILL');
      await one.wait();
    });
    const end = await askedBy(() => task[Symbol.asyncDispose]());
    expect({ start, exec, signalled }).toEqual({
      start: ['POST pods'],
      exec: ['GET pod/exec'],
      signalled: ['GET pod/exec', 'GET pod/exec'],
    });
    expect(new Set(end)).toContain('DELETE pod');
  });

  it('for many pods: one list and one watch', async () => {
    const from = cluster().asked.length;
    await Promise.all(Array.from({ length: 5 }, () => run(kubernetes(place()), ['true'])));
    const shared = cluster()
      .asked.slice(from)
      .filter((one) => /[?&](watch=1|limit=500)/.test(one));
    expect(shared.length).toBeLessThanOrEqual(2);
  });
});
