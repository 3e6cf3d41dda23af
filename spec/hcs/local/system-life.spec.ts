import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../../src/hcs/contract/compute-system.js';
import { local } from '../../../src/hcs/local/index.js';
import { create, done, init, inSystem, lives, shell, until } from './on-this-host.js';

const ended = { reason: 'ended' };

/** Ways for a process to hide from its parent; each says its number. */
const hiders: [string, string][] = [
  ['stays', 'sleep 1000 & echo $!; cat'],
  ['is orphaned', '(sleep 1000 & echo $!); cat'],
  ['is a daemon in a session of its own', "(setsid sh -c 'echo $$; exec sleep 1000' &); cat"],
  ['ignores what can be ignored', '(setsid sh -c \'trap "" TERM HUP INT; echo $$; sleep 1000\' &); cat'],
  ['cleared its environment', '(env -i sleep 1000 & echo $!); cat'],
  [
    'cleared its environment, in a session of its own',
    "env -i setsid sh -c 'echo $$; exec sleep 1000' & cat",
  ],
];

const hidden = async (system: ComputeSystem, script: string): Promise<[ComputeProcess, number]> => {
  const process = await create(system, shell(script));
  const pid = Number(await until(process.stdio.stdout, /\d+\n/));
  expect(lives(pid)).toBe(true);
  expect(await firstValueFrom(system.pids())).toEqual(expect.arrayContaining([process.pid, pid]));
  return [process, pid];
};

describe('when a local system is terminated', () => {
  it.each(hiders)('a process that %s is gone', async (_, script) => {
    const system = local();
    const [process, pid] = await hidden(system, script);
    await done(system.terminate());
    expect(await firstValueFrom(system.exit$)).toEqual(ended);
    expect([lives(process.pid), lives(pid)]).toEqual([false, false]);
    expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'signaled', signal: 9, code: 137 });
    expect(await firstValueFrom(system.pids())).toEqual([]);
  });

  it('processes that go on starting others are gone', async () => {
    const system = local();
    const script =
      'n=0; while n=$((n+1)); do (setsid sleep 1000 &); [ $n = 50 ] && echo many; sleep 0.001; done';
    const process = await create(system, shell(script));
    await until(process.stdio.stdout, /many/);
    const pids = await firstValueFrom(system.pids());
    await done(system.terminate());
    expect(await firstValueFrom(system.exit$)).toEqual(ended);
    expect(pids.filter(lives)).toEqual([]);
  });

  it('every exit of a process is emitted before that of the system', async () => {
    const system = local();
    const reports: string[] = [];
    system.exit$.subscribe(() => reports.push('system'));
    for (const name of ['init', 'second', 'third']) {
      const process = await init(system);
      process.exit$.subscribe(() => reports.push(name));
    }
    await done(system.terminate());
    await done(system.exit$);
    expect(reports.slice(0, 3).sort()).toEqual(['init', 'second', 'third']);
    expect(reports[3]).toBe('system');
  });

  it('nothing else on this host is touched', async () => {
    const other = local();
    const neighbour = await init(other);
    await inSystem(init);
    expect(lives(neighbour.pid)).toBe(true);
    await done(other.terminate());
    await done(other.exit$);
  });

  it('it ends though nothing ever ran in it', async () => {
    const system = local();
    await done(system.terminate());
    await done(system.terminate());
    expect(await firstValueFrom(system.exit$)).toEqual(ended);
  });
});

describe('the processes of a local system', () => {
  it('are all signalled, also one that is in the middle of an exec', async () => {
    // Out of its session and orphaned, so that only its environment tells whose it is; that is gone during each exec.
    const again = `(setsid sh -c 'echo $$; exec sh -c "$AGAIN"' &); cat`;
    const env = ['AGAIN=exec sh -c "$AGAIN"', `PATH=${process.env['PATH']}`];
    let pid = 0;
    await inSystem(async (system) => {
      const { stdio } = await create(system, shell(again, { env }));
      pid = Number(await until(stdio.stdout, /\d+\n/));
      for (let look = 0; look < 300; look += 1) expect(await firstValueFrom(system.pids())).toContain(pid);
    });
    expect(lives(pid)).toBe(false);
  });
});

describe('when the first process of a local system ends', () => {
  it.each(hiders.slice(0, 5))('a process that %s ends with it', async (_, script) => {
    const system = local();
    const [process, pid] = await hidden(system, script);
    await done(process.closeStdin());
    expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 0 });
    expect(await firstValueFrom(system.exit$)).toEqual(ended);
    expect(lives(pid)).toBe(false);
  });

  it('the other processes are killed, and what they started', async () => {
    const system = local();
    const first = await init(system);
    const [second, pid] = await hidden(system, hiders[2]![1]);
    await done(first.closeStdin());
    expect(await firstValueFrom(system.exit$)).toEqual(ended);
    expect(await firstValueFrom(second.exit$)).toMatchObject({ code: 137 });
    expect(lives(pid)).toBe(false);
  });

  it('no other can be created, from that moment on', async () => {
    const system = local();
    const first = await init(system);
    const refusal = firstValueFrom(first.exit$).then(() => create(system, { args: ['true'] }));
    await done(first.closeStdin());
    await expect(refusal).rejects.toMatchObject({ kind: 'failedPrecondition' });
    await done(system.exit$);
    await expect(done(system.start())).rejects.toMatchObject({ kind: 'failedPrecondition' });
  });

  it('the end of any other process ends nothing else', () =>
    inSystem(async (system) => {
      const first = await init(system);
      await done((await create(system, { args: ['true'] })).exit$);
      await done((await create(system, { args: ['true'] })).exit$);
      expect(await firstValueFrom(system.pids())).toEqual([first.pid]);
    }));
});

describe('a local system', () => {
  it('asks its first process politely when it is shut down', async () => {
    const system = local();
    const first = await create(system, shell("trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"));
    await until(first.stdio.stdout, /ready/);
    await done(system.shutdown());
    expect(await firstValueFrom(first.exit$)).toEqual({ kind: 'exited', code: 9 });
    expect(await firstValueFrom(system.exit$)).toEqual(ended);
    await done(system.shutdown());
  });

  it('ends when it is shut down without ever having had a process', async () => {
    const system = local();
    await done(system.start());
    await done(system.shutdown());
    expect(await firstValueFrom(system.exit$)).toEqual(ended);
  });

  it('leaves its processes running when it is let go', async () => {
    const system = local();
    const first = await init(system);
    await done(system.close());
    expect(await firstValueFrom(system.exit$)).toEqual({ reason: 'closed' });
    await expect(create(system, { args: ['true'] })).rejects.toMatchObject({ kind: 'failedPrecondition' });
    expect(lives(first.pid)).toBe(true);
    await done(first.closeStdin());
    expect(await firstValueFrom(first.exit$)).toEqual({ kind: 'exited', code: 0 });
    await done(system.close());
  });

  it('does nothing before it is subscribed to', async () => {
    const system = local();
    const creation = system.createProcess({
      OciProcess: { args: ['cat'] },
      CreateStdInPipe: true,
      CreateStdOutPipe: true,
    });
    expect(await firstValueFrom(system.pids())).toEqual([]);
    const process = await firstValueFrom(creation);
    // Subscribed to, each of these would end the process or its output.
    system.terminate();
    system.shutdown();
    system.close();
    process.kill();
    process.signal({ Signal: 9 });
    process.closeStdin();
    process.closeStdout();
    process.close();
    await process.stdio.stdin?.write(Buffer.from('still here\n'));
    expect(await until(process.stdio.stdout, /\n/)).toBe('still here\n');
    await done(process.closeStdin());
    expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 0 });
    expect(await firstValueFrom(system.exit$)).toEqual(ended);
  });
});
