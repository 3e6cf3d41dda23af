/** What must be right in front of every Linux guest agent, as its user sees it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs';
import { kindOf } from '../../src/hcs/failures/errors.js';
import { containerDocument, type Guest } from '../../src/hcs/guest/index.js';
import type { ExecOutcome, Task } from '../../src/index.js';
import { adoptTask, createTask, lines, listTasks, text } from '../../src/index.js';
import type { RealAgent } from './agent.js';

export interface Scenario {
  readonly name: string;
  /** Whether the agent must keep its containers when its connection is lost. */
  readonly needsKeeping: boolean;
  run(agent: RealAgent): Promise<void>;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const path = 'PATH=/usr/bin:/bin';

const failureOf = async (work: PromiseLike<unknown>): Promise<Error & { exitStatus?: number }> => {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  return assert.fail('it did not fail');
};

const within = async <T>(ms: number, work: PromiseLike<T>, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  return Promise.race([Promise.resolve(work), late]).finally(() => clearTimeout(timer));
};

const scenario = (
  name: string,
  body: (guest: Guest, agent: RealAgent) => Promise<unknown>,
  { keeps = false, records = false } = {},
): Scenario => ({
  name,
  needsKeeping: keeps,
  run: async (agent) => {
    try {
      const guest = await agent.connect(records || keeps ? { records: { directory: agent.records } } : {});
      await within(60_000, body(guest, agent), name);
    } finally {
      await agent.release();
    }
  },
});

const ready = 'trap "exit 12" TERM; echo ready; while :; do sleep 0.05; done';
const untilReady = async (task: {
  readonly stdout?: AsyncIterable<Uint8Array> | undefined;
}): Promise<void> => {
  for await (const line of lines(task.stdout as never)) if (line.includes('ready')) return;
};

/** Runs `sh -c SCRIPT` as an exec. */
const exec = async (task: Task, script: string, spec: object = {}, id = `e${Math.random()}`) => {
  const its = await task.createExec({
    id,
    spec: { args: ['sh', '-c', script], env: [path], cwd: '/', ...spec },
    stdio: { stdout: 'pipe', stderr: 'pipe' },
  });
  const [stdout, stderr] = [text(its.stdout), text(its.stderr)];
  await its.start();
  const outcome = await its.wait();
  return { ...outcome, stdout: await stdout, stderr: await stderr };
};

const status = (outcome: Pick<ExecOutcome, 'kind' | 'status'>, expected: number): void =>
  assert.deepEqual([outcome.kind, outcome.status], ['exited', expected]);

const done = (work: Observable<unknown>) => lastValueFrom(work, { defaultValue: undefined });

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

export const scenarios: readonly Scenario[] = [
  scenario('a container runs, with its output and its exit code', async (guest, agent) => {
    const task = await agent.task(guest, 'echo out; echo err >&2; exit 7', {
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [out, err] = await Promise.all([text(task.init.stdout), text(task.init.stderr)]);
    status(await task.wait(), 7);
    assert.deepEqual([out, err], ['out\n', 'err\n']);
    await task.delete();
  }),

  scenario('execs have their exit codes, 0 to 255', async (guest, agent) => {
    const task = await agent.task(guest, 'exec sleep 1000');
    for (const code of [0, 1, 3, 127, 255]) status(await exec(task, `exit ${code}`), code);
  }),

  scenario(
    'a command that is not there ends with 127, one that cannot be executed with 126: execs',
    async (guest, agent) => {
      const task = await agent.task(guest, 'exec sleep 1000');
      for (const [command, code] of [
        ['/no/such', 127],
        ['no-such', 127],
        ['/etc/passwd', 126],
      ] as const) {
        const its = await task.createExec({
          id: `e${command.length}`,
          spec: { args: [command], env: [path], cwd: '/' },
        });
        assert.equal((await failureOf(its.start())).exitStatus, code, command);
      }
    },
  ),

  scenario(
    'a command that is not there ends with 127, one that cannot be executed with 126: containers',
    async (guest, agent) => {
      for (const [command, code] of [
        ['/no/such', 127],
        ['/etc/passwd', 126],
      ] as const) {
        const failure = await failureOf(
          (async () => {
            const system = await agent.container(guest, '', { id: `c${code}`, args: [command] });
            await firstValueFrom(system.createProcess({}));
          })(),
        );
        assert.equal(failure.exitStatus, code, `${command}: ${failure}`);
      }
    },
  ),

  ...(
    [
      ['SIGTERM', 12],
      ['SIGKILL', 137],
      ['SIGHUP', 129],
      ['SIGINT', 130],
      [10, 138],
    ] as const
  ).map(([signal, code]) =>
    scenario(`an exec is ended by ${signal}`, async (guest, agent) => {
      const task = await agent.task(guest, 'exec sleep 1000');
      const its = await task.createExec({
        id: 'e1',
        spec: { args: ['sh', '-c', ready], env: [path], cwd: '/' },
        stdio: { stdout: 'pipe' },
      });
      await its.start();
      await untilReady(its);
      await its.kill(signal as string);
      status(await its.wait(), code);
    }),
  ),

  scenario('a process that kills itself has 137', async (guest, agent) => {
    const task = await agent.task(guest, 'exec sleep 1000');
    status(await exec(task, 'kill -9 $$'), 137);
  }),

  scenario('execs that are signalled after their end are not', async (guest, agent) => {
    const task = await agent.task(guest, 'exec sleep 1000');
    const its = await task.createExec({ id: 'e1', spec: { args: ['true'], env: [path], cwd: '/' } });
    await its.start();
    status(await its.wait(), 0);
    assert.equal(kindOf(await failureOf(its.kill('SIGTERM'))), 'notFound');
  }),

  scenario('input reaches the process, and its end', async (guest, agent) => {
    const task = await agent.task(guest, 'cat; echo done', { stdin: 'pipe', stdout: 'pipe' });
    const out = text(task.init.stdout);
    await task.init.stdin!.write(Buffer.from('one\n'));
    await task.init.stdin!.write(Buffer.from('two\n'));
    task.init.stdin!.end?.();
    assert.equal(await out, 'one\ntwo\ndone\n');
    status(await task.wait(), 0);
  }),

  scenario('10 MiB pass through cat unchanged', async (guest, agent) => {
    const task = await agent.task(guest, 'exec cat', { stdin: 'pipe', stdout: 'pipe' });
    const hash = createHash('md5');
    const read = (async () => {
      for await (const chunk of task.init.stdout as AsyncIterable<Uint8Array>) hash.update(chunk);
    })();
    const input = Buffer.from(Array.from({ length: 10 * 2 ** 20 }, (_, n) => (n * 7919) >> 3));
    for (let at = 0; at < input.length; at += 65_536)
      await task.init.stdin!.write(input.subarray(at, at + 65_536));
    task.init.stdin!.end?.();
    await read;
    status(await task.wait(), 0);
    assert.equal(hash.digest('hex'), md5(input));
  }),

  scenario('100 MiB of output arrive', async (guest, agent) => {
    const task = await agent.task(guest, 'head -c 104857600 /dev/zero', { stdout: 'pipe' });
    let bytes = 0;
    for await (const chunk of task.init.stdout as AsyncIterable<Uint8Array>) bytes += chunk.length;
    status(await task.wait(), 0);
    assert.equal(bytes, 100 * 2 ** 20);
  }),

  scenario('a reader that leaves does not end the process', async (guest, agent) => {
    const task = await agent.task(guest, 'echo ready; sleep 0.5; exit 8', { stdout: 'pipe' });
    await untilReady(task.init);
    status(await task.wait(), 8);
  }),

  scenario('environment, user, groups and directory', async (guest, agent) => {
    const task = await agent.task(guest, 'exec sleep 1000');
    const its = await exec(task, 'echo "$A"; id -u; id -g; id -G; pwd', {
      env: [path, 'A=<&>"é'],
      user: { uid: 1000, gid: 1000, additionalGids: [5, 6] },
      cwd: '/tmp',
    });
    assert.deepEqual(its.stdout.split('\n').slice(0, 5), ['<&>"é', '1000', '1000', '1000 5 6', '/tmp']);
  }),

  scenario('a terminal: its size, resizes, ^C and ^D', async (guest, agent) => {
    const task = await agent.task(
      guest,
      'trap "echo int" INT; stty size; read a; stty size; cat; read b; echo end; exit 4',
      { stdin: 'pipe', stdout: 'pipe' },
      { terminal: true, consoleSize: { height: 20, width: 90 } },
    );
    let seen = '';
    const read = (async () => {
      for await (const chunk of task.init.stdout as AsyncIterable<Uint8Array>) seen += Buffer.from(chunk);
    })();
    const until = async (what: string) => {
      while (!seen.includes(what)) await sleep(5);
    };
    await until('20 90');
    await task.init.resizePty({ width: 100, height: 40 });
    await task.init.stdin!.write(Buffer.from('x\n'));
    await until('40 100');
    await sleep(100);
    await task.init.stdin!.write(Buffer.from('\x03'));
    await until('int');
    await task.init.stdin!.write(Buffer.from('q\n'));
    await until('end');
    await read;
    status(await task.wait(), 4);
  }),

  scenario('a terminal of an exec', async (guest, agent) => {
    const task = await agent.task(guest, 'exec sleep 1000');
    const its = await task.createExec({
      id: 'e1',
      spec: {
        args: ['sh', '-c', 'stty size; exit 3'],
        env: [path],
        cwd: '/',
        terminal: true,
        consoleSize: { height: 21, width: 91 },
      },
      stdio: { stdout: 'pipe' },
    });
    const out = text(its.stdout);
    await its.start();
    status(await its.wait(), 3);
    assert.match(await out, /21 91/);
  }),

  scenario('a task is stopped by its signal', async (guest, agent) => {
    const task = await agent.task(guest, ready, { stdout: 'pipe' });
    await untilReady(task.init);
    const outcome = await task.stop({ grace: 10_000 });
    assert.deepEqual([outcome.by, outcome.status], ['signal', 12]);
    await task.delete();
  }),

  scenario('a task that ignores its signal is killed', async (guest, agent) => {
    const task = await agent.task(guest, 'trap "" TERM; echo ready; while :; do sleep 0.05; done', {
      stdout: 'pipe',
    });
    await untilReady(task.init);
    const outcome = await task.stop({ grace: 300 });
    assert.deepEqual([outcome.by, outcome.status], ['kill', 137]);
    await task.delete();
  }),

  scenario('the end of the init ends its execs', async (guest, agent) => {
    const task = await agent.task(guest, 'exec sleep 1000');
    const its = await task.createExec({ id: 'e1', spec: { args: ['sleep', '1000'], env: [path], cwd: '/' } });
    await its.start();
    await task.init.kill('SIGKILL');
    assert.equal((await its.wait()).status, 137);
    status(await task.wait(), 137);
  }),

  scenario(
    'a container is shut down and terminated, also more than once and after its end',
    async (guest, agent) => {
      const system = await agent.container(guest, ready);
      const its = await firstValueFrom(system.createProcess({ CreateStdOutPipe: true }));
      await untilReady({ stdout: its.stdio.stdout });
      await done(its.closeStdout());
      await done(system.shutdown());
      const exit = await firstValueFrom(its.exit$);
      assert.equal(exit.kind === 'exited' && exit.code, 12);
      await firstValueFrom(system.exit$);
      for (const end of [system.shutdown, system.terminate, system.shutdown]) await done(end());
      await done(system.delete!());
      await done(system.terminate());
    },
  ),

  scenario('a container that was created and never started is deleted at once', async (guest, agent) => {
    const system = await agent.container(guest, 'sleep 1000');
    const task = await createTask({ id: 'c1', system });
    await within(5_000, task.delete(), 'the delete');
    assert.equal(kindOf(await failureOf(Promise.resolve(system.properties('ProcessList')))), 'notFound');
  }),

  scenario('a container that was created and never started is killed at once', async (guest, agent) => {
    const system = await agent.container(guest, 'sleep 1000');
    const task = await createTask({ id: 'c1', system });
    await task.init.kill('SIGKILL');
    await within(5_000, task.wait(), 'the wait');
    await within(5_000, task.delete(), 'the delete');
  }),

  scenario('a task on the guest itself ends, and the guest goes on', async (guest, agent) => {
    const other = await agent.task(guest, 'exec sleep 1000');
    for (const code of [0, 3, 255]) {
      const task = await createTask({
        id: `h${code}`,
        system: guest.host,
        spec: { args: ['sh', '-c', `exit ${code}`] },
      });
      await task.init.start();
      status(await task.wait(), code);
      await task.delete();
    }
    await sleep(500);
    assert.equal(other.init.state, 'running');
    status(await exec(other, 'exit 5'), 5);
  }),

  scenario('thirty processes of the guest itself at once', async (guest) => {
    const codes = await Promise.all(
      Array.from({ length: 30 }, async (_, code) => {
        const its = await firstValueFrom(
          guest.host.createProcess({ CommandArgs: ['sh', '-c', `exit ${code}`] }),
        );
        const exit = await firstValueFrom(its.exit$);
        return exit.kind === 'exited' ? exit.code : exit;
      }),
    );
    assert.deepEqual(
      codes,
      Array.from({ length: 30 }, (_, code) => code),
    );
  }),

  scenario('two hundred execs, twenty at a time', async (guest, agent) => {
    const task = await agent.task(guest, 'exec sleep 1000');
    const wrong: unknown[] = [];
    for (let at = 0; at < 200; at += 20) {
      await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const code = (at + n) % 251;
          const its = await exec(task, `echo ${code}; exit ${code}`, {}, `e${at + n}`);
          if (its.status !== code || its.stdout !== `${code}\n`) wrong.push({ code, ...its });
        }),
      );
    }
    assert.deepEqual(wrong, []);
  }),

  scenario(
    'layers: missing ones are an error, and the same id works later; nothing stays mounted',
    async (guest, agent) => {
      const layers = (id: string, base: string) => {
        const Settings = {
          ContainerID: id,
          ContainerRootPath: `/run/gcs/c/${id}/rootfs`,
          Layers: [{ Path: base }],
          ScratchPath: `/run/gcs/c/${id}/scratch`,
        };
        return {
          scratchPath: `/run/gcs/c/${id}/scratch`,
          modify: [{ RequestType: 'Add' as const, ResourceType: 'CombinedLayers', Settings }],
          undo: [{ RequestType: 'Remove' as const, ResourceType: 'CombinedLayers', Settings }],
        };
      };
      const create = (base: string, args: string[]) =>
        guest.createContainer({
          id: 'c1',
          spec: containerDocument({ args }, '/run/gcs/c/c1/rootfs'),
          ...layers('c1', base),
        });
      await failureOf(create('/no/such/layer', ['true']));
      assert.equal(await mountsOf(guest, 'c1'), '');
      assert.equal((await failureOf(create(agent.rootfs, ['/no/such']))).exitStatus, 127);
      assert.equal(await mountsOf(guest, 'c1'), '');
      const system = await create(agent.rootfs, ['sh', '-c', 'echo x >/file; exit 6']);
      const task = await createTask({ id: 'c1', system });
      await task.init.start();
      status(await task.wait(), 6);
      await task.delete();
      assert.equal(await mountsOf(guest, 'c1'), '');
    },
  ),

  scenario('pids and stacks are answered', async (guest, agent) => {
    const system = await agent.container(guest, 'exec sleep 1000');
    const task = await createTask({ id: 'c1', system });
    await task.init.start();
    assert(task.init.pid > 0);
    assert((await firstValueFrom(system.pids())).includes(task.init.pid));
    assert.match(await guest.dumpStacks(), /goroutine|external/);
  }),

  scenario('the agent is killed while execs run: all are lost, and nothing hangs', async (guest, agent) => {
    const task = await agent.task(guest, 'exec sleep 1000');
    const execs = await Promise.all(
      [1, 2, 3].map(async (n) => {
        const its = await task.createExec({
          id: `e${n}`,
          spec: { args: ['sleep', '1000'], env: [path], cwd: '/' },
        });
        await its.start();
        return its;
      }),
    );
    agent.signal('SIGKILL');
    for (const its of execs) assert.equal((await within(5_000, its.wait(), 'an exec')).kind, 'lost');
    assert.equal((await within(5_000, task.wait(), 'the task')).kind, 'lost');
    await within(5_000, task.delete(), 'the delete');
  }),

  scenario('the agent is killed amid ten starts: each fails or is lost', async (guest, agent) => {
    const task = await agent.task(guest, 'exec sleep 1000');
    const started = Array.from({ length: 10 }, async (_, n) => {
      const its = await task.createExec({
        id: `e${n}`,
        spec: { args: ['sleep', '1000'], env: [path], cwd: '/' },
      });
      await its.start();
      return (await its.wait()).kind;
    });
    await sleep(30);
    agent.signal('SIGKILL');
    const outcomes = await within(5_000, Promise.allSettled(started), 'the starts');
    for (const one of outcomes) if (one.status === 'fulfilled') assert.equal(one.value, 'lost');
  }),

  scenario('the agent stands still for two seconds: nothing is lost', async (guest, agent) => {
    const task = await agent.task(guest, 'sleep 1; exit 3');
    const other = exec(task, 'sleep 0.5; exit 4');
    await sleep(200);
    agent.signal('SIGSTOP');
    await sleep(2_000);
    agent.signal('SIGCONT');
    status(await other, 4);
    status(await task.wait(), 3);
  }),

  scenario(
    'a late answer to a request of an earlier connection ends nothing of the later one',
    async (guest, agent) => {
      await firstValueFrom(guest.host.createProcess({ CommandArgs: ['sh', '-c', 'sleep 1; exit 5'] })).then(
        (its) => its.exit$.subscribe({ error: () => undefined }),
      );
      await guest.close();
      const strays: string[] = [];
      const second = await agent.connect({ onStray: (what) => strays.push(what) });
      const its = await firstValueFrom(
        second.host.createProcess({ CommandArgs: ['sh', '-c', 'sleep 2.5; exit 0'] }),
      );
      const began = Date.now();
      const exit = await firstValueFrom(its.exit$);
      assert.deepEqual([exit.kind === 'exited' && exit.code, Date.now() - began > 2_000], [0, true]);
      assert.equal(strays.length, 1, strays.join());
    },
    { keeps: true },
  ),

  scenario(
    'a container is adopted over a new connection, with its execs, exits and output',
    async (guest, agent) => {
      const task = await agent.task(
        guest,
        'trap "exit 3" TERM; n=0; while :; do echo $n; n=$((n+1)); sleep 0.05; done',
        { stdout: 'pipe' },
      );
      const [one, two] = await Promise.all(
        ['one', 'two'].map(async (id) => {
          const its = await task.createExec({
            id,
            spec: {
              args: ['sh', '-c', 'trap "exit 4" TERM; while :; do sleep 0.05; done'],
              env: [path],
              cwd: '/',
            },
          });
          await its.start();
          return its;
        }),
      );
      await sleep(300);
      const pids = [task.init.pid, one!.pid, two!.pid];
      await guest.close();
      const second = await agent.connect({ records: { directory: agent.records } });
      const registry = second.registry!;
      assert.deepEqual(
        (await listTasks({ registry })).map(({ id, state }) => [id, state]),
        [['c1', 'running']],
      );
      const adopted = await adoptTask({ id: 'c1', system: registry.system('c1'), stdio: { stdout: 'pipe' } });
      assert.deepEqual([adopted.init.pid, adopted.exec('one').pid, adopted.exec('two').pid], pids);
      let seen = '';
      const read = (async () => {
        for await (const chunk of adopted.init.stdout as AsyncIterable<Uint8Array>)
          seen += Buffer.from(chunk);
      })();
      await adopted.exec('one').kill('SIGTERM');
      status(await adopted.exec('one').wait(), 4);
      status(await exec(adopted, 'exit 9'), 9);
      while (!seen.includes('\n')) await sleep(10);
      await adopted.init.kill('SIGTERM');
      await read;
      const outcome = await adopted.wait();
      status(outcome, 3);
      assert.equal(outcome.gaps?.length, 1);
      await adopted.delete();
      assert.deepEqual(await listTasks({ registry }), []);
    },
    { keeps: true },
  ),

  scenario(
    'exits that happened without a connection are reported by adoption',
    async (guest, agent) => {
      const task = await agent.task(guest, 'sleep 1; exit 6');
      const its = await task.createExec({
        id: 'one',
        spec: { args: ['sh', '-c', 'sleep 0.5; exit 7'], env: [path], cwd: '/' },
      });
      await its.start();
      await guest.close();
      await sleep(200);
      // The newest agent panics if a wait is answered while it has no connection: it is connected when they end.
      const second = await agent.connect({ records: { directory: agent.records } });
      await sleep(1_500);
      const adopted = await adoptTask({ id: 'c1', system: second.registry!.system('c1') });
      status(await adopted.exec('one').wait(), 7);
      status(await adopted.wait(), 6);
      await adopted.delete();
    },
    { keeps: true },
  ),
];

/** The mounts in the guest below the directory of a container. */
const mountsOf = async (guest: Guest, id: string): Promise<string> => {
  const its = await firstValueFrom(
    guest.host.createProcess({
      CommandArgs: ['sh', '-c', `grep /run/gcs/c/${id} /proc/mounts; true`],
      CreateStdOutPipe: true,
    }),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of its.stdio.stdout!) chunks.push(Buffer.from(chunk));
  await done(its.closeStdout());
  await firstValueFrom(its.exit$);
  return Buffer.concat(chunks).toString();
};
