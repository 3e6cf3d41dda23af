import { expect, test } from '@jest/globals';
import { dockerRegistry } from '../../../src/hcs/docker/index.js';
import { thisProgram } from '../../../src/hcs/native/process/program-identity.js';
import { adoptTask, listTasks, reap, type Task, text } from '../../../src/index.js';
import { abandonedBy } from '../../support/abandoned.js';
import { bundleProgram } from '../../support/bundle-program.js';
import type { Wish } from './adopt-host.js';
import { onEachDaemon, quickly } from './on-daemons.js';

const sh = (script: string) => ['sh', '-c', script];

const host = bundleProgram(new URL('adopt-host.ts', import.meta.url));

onEachDaemon(
  'a container is adopted',
  ({ name, daemon, containers, task }) => {
    const registry = () => dockerRegistry({ host: daemon().host });
    const adopt = (id: string, options: Partial<Parameters<typeof adoptTask>[0]> = {}): Promise<Task> =>
      Promise.resolve(
        adoptTask({
          id: 'again',
          system: registry().system(id),
          stdio: { stdout: 'pipe', stderr: 'pipe' },
          ...options,
        }),
      );
    /** The name of a container whose program was killed. */
    const abandoned = (wish: Wish): Promise<string> => abandonedBy(host, daemon().host, JSON.stringify(wish));

    test('while it runs, with all of its output and its true end', async () => {
      const id = await abandoned({
        script: 'trap "exit 7" TERM; echo err >&2; echo first; while :; do sleep 0.05; done',
      });
      const again = await adopt(id);
      expect(again.init.state).toBe('running');
      const output = Promise.all([text(again.init.stdout), text(again.init.stderr)]);
      expect(await again.stop()).toMatchObject({ by: 'signal', kind: 'exited', status: 7 });
      // The shell reports what became of its child.
      expect(await output).toEqual(['first\n', expect.stringMatching(/^err\n/)]);
      await again.delete();
      expect(await containers()).not.toContain(id);
    });

    test('with its new output alone, where that is asked for', async () => {
      // A pipe with a name holds it until the adoption.
      const id = await abandoned({
        script: 'mkfifo /tmp/gate; echo old; read line </tmp/gate; echo new; exit 3',
      });
      const again = await adopt(id, { output: 'end' });
      const opener = await again.createExec({ id: 'opener', spec: { args: sh('echo go >/tmp/gate') } });
      await opener.start();
      expect(await text(again.init.stdout)).toBe('new\n');
      expect(await again.wait()).toMatchObject({ kind: 'exited', status: 3 });
      await again.delete();
    });

    test.each([9, 0, 255])('after its end, with its output and its true end, here %i', async (code) => {
      const id = await abandoned({ script: `echo out; sleep 0.5; exit ${code}` });
      const listed = async () => (await listTasks({ registry: registry() })).find((one) => one.id === id);
      while ((await listed())?.state !== 'exited') await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await listed()).toMatchObject({ exit: { kind: 'exited', code, at: expect.any(Number) } });
      const again = await adopt(id);
      expect(await text(again.init.stdout)).toBe('out\n');
      expect(await again.wait()).toMatchObject({ kind: 'exited', status: code });
      await again.delete();
    });

    test('before its start, and started', async () => {
      const again = await adopt(await abandoned({ script: 'echo ran; exit 2', unstarted: true }));
      expect(again.init.state).toBe('created');
      await again.init.start();
      expect(await text(again.init.stdout)).toBe('ran\n');
      expect(await again.wait()).toMatchObject({ status: 2 });
      await again.delete();
    });

    test('with its execs, which can be ended and waited for', async () => {
      const id = await abandoned({
        script: 'echo up; exec sleep 1000',
        execs: {
          worker: 'trap "exit 4" TERM; echo up; while :; do sleep 0.05; done',
          other: 'echo up; exec sleep 1000',
          ended: 'exit 0',
        },
      });
      const again = await adopt(id);
      expect(again.execs.map((exec) => exec.id).sort()).toEqual(['other', 'worker']);
      await again.exec('worker').kill('SIGTERM');
      expect(await again.exec('worker').wait()).toMatchObject({ kind: 'exited', status: 4 });
      expect(await again.exec('other').stop({ grace: 100 })).toMatchObject({ kind: 'signaled' });
      expect(again.init.state).toBe('running');
      await again[Symbol.asyncDispose]();
      expect(await containers()).not.toContain(id);
    });

    test('only where there is one', async () => {
      await expect(adopt('nosuch')).rejects.toMatchObject({ kind: 'notFound' });
    });

    test('or reaped: when its lifetime is over, or its program has certainly ended', async () => {
      const owner = `reaper-${name}`;
      const command = ['sleep', '1000'];
      const [host, boot, namespace] = (thisProgram() as string).split(' ');
      const gone = 2 ** 22 + 1;
      const programs = {
        ended: [host, boot, namespace, gone, 1],
        // A process that has the pid, but began later.
        replaced: [host, boot, namespace, process.pid, 1],
        rebooted: [host, 'another', namespace, process.pid, 1],
        elsewhere: ['elsewhere', boot, namespace, gone, 1],
        hidden: [host, boot, 'pid:[1]', gone, 1],
      };
      const tasks = await Promise.all([
        task({ command, owner, name: `${name}-ours` }),
        task({ command, owner: 'another', name: `${name}-others` }),
        task({ command, owner, name: `${name}-expired`, lifetime: 1 }),
        ...Object.entries(programs).map(([title, program]) =>
          task({
            command,
            owner,
            name: `${name}-${title}`,
            Labels: { 'io.rxshim.program': program.join(' ') },
          }),
        ),
      ]);
      const reaped = await reap({ registry: registry(), owner });
      expect(reaped.filter(({ error }) => error !== undefined)).toEqual([]);
      expect(reaped.map(({ id }) => id).sort()).toEqual(
        ['ended', 'expired', 'rebooted', 'replaced'].map((title) => `${name}-${title}`),
      );
      const left = (await containers()).filter((one) => one.startsWith(`${name}-`));
      expect([...left].sort()).toEqual(
        ['elsewhere', 'hidden', 'others', 'ours'].map((title) => `${name}-${title}`),
      );
      await Promise.all(tasks.map((one) => one[Symbol.asyncDispose]()));
    });
  },
  quickly('docker'),
);
