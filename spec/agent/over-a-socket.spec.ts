import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { firstValueFrom, from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import type { ComputeProcess } from '../../src/hcs/contract/compute-process.js';
import { kindOf } from '../../src/hcs/failures/errors.js';
import { createTask, lines, type Task, type TaskOptions, text } from '../../src/index.js';
import { saysReady } from '../support/ready.js';
import { cleanUpAfter, connectedAgent, container, describeOnLinux } from './real-agent.js';

const taskIn = async (system: TaskOptions['system'], stdio: TaskOptions['stdio'] = {}): Promise<Task> => {
  const task = await createTask({ id: 'c1', system, ...(stdio && { stdio }) });
  cleanUpAfter(() => task[Symbol.asyncDispose]());
  return task;
};

const allOf = async (source: AsyncIterable<Uint8Array> | undefined): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
};

const run = async (process: ComputeProcess) => {
  const [stdout, stderr, exit] = await Promise.all([
    allOf(process.stdio.stdout),
    allOf(process.stdio.stderr),
    firstValueFrom(process.exit$),
  ]);
  return { stdout, stderr, exit };
};

/** Of a process of this host: waits until it has ended, and was reaped. */
const gone = async (pid: number): Promise<void> => {
  while (existsSync(`/proc/${pid}`)) await setTimeout(5);
};

const pipes = { CreateStdOutPipe: true, CreateStdErrPipe: true };

describeOnLinux('a task in a guest', () => {
  it('lives as any other: started, exited, drained, released, its events in order', async () => {
    const { guest } = await connectedAgent();
    const system = await container(guest, 'echo out; echo err >&2; exit 7');
    const events: string[] = [];
    const task = await createTask({
      id: 'c1',
      system,
      stdio: { stdout: 'pipe', stderr: 'pipe' },
      publish: ({ type }) => {
        events.push(type);
        return from([]);
      },
    });
    const output = Promise.all([text(task.init.stdout), text(task.init.stderr)]);
    await task.init.start();
    expect(await task.wait()).toMatchObject({ kind: 'exited', code: 7, truncated: false, forced: false });
    expect(await output).toEqual(['out\n', 'err\n']);
    await task.delete();
    expect(events).toEqual(['TaskCreate', 'TaskStart', 'TaskExit', 'TaskDelete']);
    // Deleted with its task: the guest knows it no longer.
    await expect(Promise.resolve(system.properties('ProcessList'))).rejects.toThrow('0xc037010e');
  });

  it('reads what is typed, to its end', async () => {
    const { guest } = await connectedAgent();
    const task = await taskIn(await container(guest, 'cat; echo done'), { stdin: 'pipe', stdout: 'pipe' });
    const output = text(task.init.stdout);
    await task.init.start();
    const typed = Array.from({ length: 300 }, (_, line) => `${line} ${'x'.repeat(500)}\n`);
    for (const line of typed) await task.init.stdin!.write(Buffer.from(line));
    task.init.stdin!.end?.();
    expect(await output).toBe(`${typed.join('')}done\n`);
    expect(await task.wait()).toMatchObject({ code: 0 });
  });

  it('has a terminal that follows its size, and takes keys', async () => {
    const { guest } = await connectedAgent();
    const script = 'stty size; read key; stty size; echo "got $key"; exit 4';
    const system = await container(guest, script, { terminal: true, consoleSize: { height: 20, width: 90 } });
    const task = await taskIn(system, { stdin: 'pipe', stdout: 'pipe', terminal: true });
    await task.init.start();
    const output = lines(task.init.stdout)[Symbol.asyncIterator]();
    const line = async () => (await output.next()).value as string;
    expect(await line()).toBe('20 90');
    await task.init.resizePty({ width: 100, height: 40 });
    await task.init.stdin!.write(Buffer.from('q\n'));
    const rest = [await line(), await line(), await line()].join(' ');
    expect(rest).toContain('40 100');
    expect(rest).toContain('got q');
    expect(await task.wait()).toMatchObject({ code: 4 });
  });

  it.each([
    ['TERM', 143],
    [9, 137],
    ['SIGHUP', 129],
    ['', 143],
  ])('is ended by the signal %p', async (signal, status) => {
    const { guest } = await connectedAgent();
    const task = await taskIn(await container(guest, saysReady), { stdout: 'pipe' });
    await task.init.start();
    for await (const line of lines(task.init.stdout)) if (line === 'ready') break;
    await task.init.kill(signal as string);
    expect(await task.wait()).toMatchObject({ status });
  });

  it('is stopped gracefully, and killed where that does not help', async () => {
    const { guest } = await connectedAgent();
    const obedient = await taskIn(await container(guest, saysReady), { stdout: 'pipe' });
    await obedient.init.start();
    for await (const line of lines(obedient.init.stdout)) if (line === 'ready') break;
    expect(await obedient.stop({ grace: 10_000 })).toMatchObject({ by: 'signal', status: 143 });
    const stubborn = await createTask({
      id: 'c2',
      system: await container(guest, 'trap "" TERM; echo ready; while :; do sleep 1; done', { id: 'c2' }),
      stdio: { stdout: 'pipe' },
    });
    await stubborn.init.start();
    for await (const line of lines(stubborn.init.stdout)) if (line === 'ready') break;
    expect(await stubborn.stop({ grace: 50 })).toMatchObject({ by: 'kill', status: 137 });
    await stubborn[Symbol.asyncDispose]();
  });

  it('has execs beside its init, which end with it', async () => {
    const { guest } = await connectedAgent();
    const task = await taskIn(await container(guest, 'sleep 600'), {});
    await task.init.start();
    const exec = await task.createExec({
      id: 'e1',
      spec: {
        args: ['sh', '-c', 'echo "$A in $PWD"; exit 3'],
        env: ['A=1', 'PATH=/usr/bin:/bin'],
        cwd: '/tmp',
      },
      stdio: { stdout: 'pipe' },
    });
    const output = text(exec.stdout);
    await exec.start();
    expect(await output).toBe('1 in /tmp\n');
    expect(await exec.wait()).toMatchObject({ code: 3 });
    const other = await task.createExec({ id: 'e2', spec: { args: ['sleep', '600'] } });
    await other.start();
    await task.init.kill(9);
    expect(await other.wait()).toMatchObject({ status: 137 });
    expect(await task.wait()).toMatchObject({ status: 137 });
  });

  it.each([
    ['/no/such', 'notFound', 127],
    ['no-such-command', 'notFound', 127],
    ['/etc/passwd', 'failedPrecondition', 126],
  ])('says of %s what a shell would', async (command, kind, exitStatus) => {
    const { guest } = await connectedAgent();
    const system = await guest.createContainer({ id: 'c1', spec: { process: { args: [command] } } });
    const task = await taskIn(system);
    const failure = await Promise.resolve(task.init.start()).catch((error: unknown) => error);
    expect(kindOf(failure)).toBe(kind);
    expect(failure).toMatchObject({ exitStatus });
  });
});

describeOnLinux('a container in a guest', () => {
  it('reports its end when it was shut down, and its processes before', async () => {
    const { guest } = await connectedAgent();
    for (const [id, how] of [['c1', 'shutdown'] as const, ['c2', 'terminate'] as const]) {
      const system = await container(guest, 'sleep 600', { id });
      await lastValueFrom(system.start(), { defaultValue: undefined });
      const process = await firstValueFrom(system.createProcess({}));
      expect(await firstValueFrom(system.pids())).toContain(process.pid);
      const ends: string[] = [];
      const both = Promise.all([
        firstValueFrom(process.exit$).then(({ kind }) => ends.push(kind)),
        firstValueFrom(system.exit$).then(({ reason }) => ends.push(reason)),
      ]);
      await lastValueFrom(system[how](), { defaultValue: undefined });
      await both;
      expect(ends).toEqual(['exited', 'ended']);
    }
  });

  it('cannot be made twice under one name, and can after it was refused', async () => {
    const { guest } = await connectedAgent();
    await container(guest, 'true');
    await expect(Promise.resolve(container(guest, 'true'))).rejects.toThrow('container c1: already exists');
    await expect(Promise.resolve(guest.createContainer({ id: 'c2', spec: {} }))).rejects.toThrow(
      'describes no process',
    );
    await container(guest, 'true', { id: 'c2' });
  });

  it('has more output than fits anywhere, all of which comes', async () => {
    const { guest } = await connectedAgent();
    const system = await container(guest, 'head -c 5000000 /dev/zero; exit 9');
    const process = await firstValueFrom(system.createProcess(pipes));
    const { stdout, exit } = await run(process);
    expect(stdout).toHaveLength(5_000_000);
    expect(exit).toMatchObject({ code: 9 });
  });

  it('keeps the news of an exit until its output was closed here', async () => {
    const { guest } = await connectedAgent();
    const system = await container(guest, 'head -c 100000 /dev/zero; exit 5');
    const process = await firstValueFrom(system.createProcess(pipes));
    let ended = false;
    process.exit$.subscribe(() => {
      ended = true;
    });
    const reader = process.stdio.stdout![Symbol.asyncIterator]();
    expect((await reader.next()).done).toBe(false);
    // The process has ended, and the guest answers: the news is not just late.
    await gone(process.pid);
    await guest.dumpStacks();
    expect(ended).toBe(false);
    await lastValueFrom(process.closeStdout(), { defaultValue: undefined });
    await lastValueFrom(process.closeStderr(), { defaultValue: undefined });
    expect(await firstValueFrom(process.exit$)).toMatchObject({ code: 5 });
  });

  it('passes the end of its output on to a process that goes on writing', async () => {
    const { guest } = await connectedAgent();
    const system = await container(guest, 'yes');
    const process = await firstValueFrom(system.createProcess(pipes));
    for await (const _ of process.stdio.stdout!) break;
    await lastValueFrom(process.closeStderr(), { defaultValue: undefined });
    expect(await firstValueFrom(process.exit$)).toMatchObject({ code: 141 });
  });
});

describeOnLinux('the guest itself', () => {
  it('hosts processes, described by arguments or by a line', async () => {
    const { guest } = await connectedAgent();
    const Environment = { X: 'val', PATH: '/usr/bin:/bin' };
    const args = await firstValueFrom(
      guest.host.createProcess({
        CommandArgs: ['sh', '-c', 'echo "$X in $PWD"; exit 5'],
        WorkingDirectory: '/tmp',
        Environment,
        ...pipes,
      }),
    );
    expect(await run(args)).toMatchObject({ stdout: 'val in /tmp\n', exit: { code: 5 } });
    const line = await firstValueFrom(
      guest.host.createProcess({ CommandLine: `sh -c 'echo a "b  c"; exit 6'`, Environment, ...pipes }),
    );
    expect(await run(line)).toMatchObject({ stdout: 'a b  c\n', exit: { code: 6 } });
  });

  it('knows no signals for them', async () => {
    const { guest } = await connectedAgent();
    const process = await firstValueFrom(guest.host.createProcess({ CommandArgs: ['sleep', '600'] }));
    const failure = await firstValueFrom(process.kill()).catch((error: unknown) => error);
    expect(kindOf(failure)).toBe('notFound');
  });

  it('ends on request, with all its processes', async () => {
    const { guest, served, stop } = await connectedAgent();
    const process = await firstValueFrom(guest.host.createProcess({ CommandArgs: ['sleep', '600'] }));
    const { host } = guest;
    await guest.shutDown({ force: true });
    expect(await firstValueFrom(host.exit$)).toEqual({ reason: 'ended' });
    await expect(firstValueFrom(process.exit$)).rejects.toThrow('ended by the guest');
    await stop();
    expect(served).toEqual([{ reason: 'powerOff' }]);
    expect(existsSync(`/proc/${process.pid}`)).toBe(false);
  });

  it('goes on when a task on it has ended, with its containers and with other tasks', async () => {
    const { guest } = await connectedAgent();
    const other = await createTask({
      id: 'c1',
      system: await container(guest, 'sleep 600'),
    });
    await other.init.start();
    const tasks = await Promise.all(
      [3, 4, 5].map(async (code) => {
        const spec = { args: ['sh', '-c', `exit ${code}`] };
        const task = await createTask({ id: `host-${code}`, system: guest.host, spec });
        await task.init.start();
        const { status } = await task.wait();
        await task.delete();
        return status;
      }),
    );
    expect(tasks).toEqual([3, 4, 5]);
    expect(other.init.state).toBe('running');
    await other.stop();
    await other.delete();
  });

  it('reports what it is doing', async () => {
    const { guest } = await connectedAgent();
    await container(guest, 'true');
    expect(await guest.dumpStacks()).toContain('container c1: init not started');
  });

  it('refuses what it cannot do, and goes on', async () => {
    const { guest } = await connectedAgent();
    const refused = guest.modify({ ResourceType: 'Nonsense' });
    await expect(Promise.resolve(refused)).rejects.toThrow("invalid ResourceType 'Nonsense'");
    await guest.modify({ ResourceType: 'CombinedLayers', Settings: { ContainerRootPath: '/x' } });
  });
});

describeOnLinux('a thousand execs over one bridge', () => {
  it('each end as they should, fifty at a time, and leave nothing on either side', async () => {
    const { guest, path } = await connectedAgent();
    const system = await container(guest, 'exec sleep 600');
    await firstValueFrom(system.createProcess({}));
    const open = () => readdirSync('/proc/self/fd').length;
    const ports = () => readdirSync(dirname(path));
    const before = open();
    const wrong = await lastValueFrom(
      from(Array.from({ length: 1_000 }, (_, index) => index)).pipe(
        mergeMap(async (index) => {
          const args = ['sh', '-c', `echo ${index}; exit ${index % 200}`];
          const process = await firstValueFrom(system.createProcess({ OciProcess: { args }, ...pipes }));
          const { stdout, exit } = await run(process);
          await lastValueFrom(process.close(), { defaultValue: undefined });
          const right = stdout === `${index}\n` && exit.kind === 'exited' && exit.code === index % 200;
          return right ? [] : [{ index, stdout, exit }];
        }, 50),
        mergeMap((found) => found),
        toArray(),
      ),
    );
    expect(wrong).toEqual([]);
    expect(await firstValueFrom(system.pids())).toHaveLength(1);
    // The guest lets go of a connection after the host has: ask it something, so that it has had its turn. At most 64
    // ports are kept for later execs, as long as the bridge lasts.
    await guest.dumpStacks();
    expect(open()).toBeLessThanOrEqual(before + 64 + 5);
    expect(ports().length).toBeLessThanOrEqual(64);
    await guest.close();
    expect(ports()).toEqual([]);
    // On a busy machine too.
  }, 240_000);
});
