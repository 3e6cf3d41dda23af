import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { firstValueFrom, Subject } from 'rxjs';
import { dialSockets } from '../../../src/agent/dialer.js';
import { runcEngine } from '../../../src/agent/engines/runc.js';
import { runAgent } from '../../../src/agent/run.js';
import { connectGuest, type Guest, vsockSockets } from '../../../src/hcs/guest/index.js';
import { createTask, lines, text } from '../../../src/index.js';
import { describeWithRunc, harness } from '../../hcs/runc/on-runc.js';
import { runWord } from '../../support/run-word.js';
import { cleanUpAfter, socketPath } from '../real-agent.js';

describeWithRunc('a guest over runc', () => {
  const { bundle, root } = harness();
  let made = 0;

  const guestOverRunc = async (): Promise<Guest> => {
    const path = socketPath();
    const stop$ = new Subject<void>();
    const served = runAgent({ dial: dialSockets(path), engine: runcEngine({ root: root() }), stop$ });
    const done = new Promise((complete) => served.subscribe({ complete: () => complete(undefined) }));
    cleanUpAfter(() => {
      stop$.next();
      return done;
    });
    const guest = await connectGuest(vsockSockets(path));
    cleanUpAfter(() => guest.close());
    return guest;
  };

  const containerOf = (guest: Guest, script: string, change?: Parameters<typeof bundle>[1]) => {
    const bundlePath = bundle(script, change);
    made += 1;
    const spec = JSON.parse(readFileSync(`${bundlePath}/config.json`, 'utf8'));
    return guest.createContainer({ id: `${runWord}-guest-${process.pid}-${made}`, bundlePath, spec });
  };

  it('runs a task and an exec in namespaces of their own, and leaves nothing of them', async () => {
    const guest = await guestOverRunc();
    const system = await containerOf(guest, 'echo $$; read line; echo "got $line"; exit 5');
    const task = await createTask({ id: 'c1', system, stdio: { stdin: 'pipe', stdout: 'pipe' } });
    await task.init.start();
    const output = lines(task.init.stdout)[Symbol.asyncIterator]();
    expect((await output.next()).value).toBe('1');
    const exec = await task.createExec({
      id: 'e1',
      spec: { args: ['sh', '-c', 'exit 3'], env: ['PATH=/bin'], cwd: '/' },
      stdio: { stdout: 'pipe' },
    });
    const nothing = text(exec.stdout);
    await exec.start();
    expect(await exec.wait()).toMatchObject({ code: 3 });
    expect(await nothing).toBe('');
    await task.init.stdin!.write(Buffer.from('this\n'));
    expect((await output.next()).value).toBe('got this');
    expect(await task.wait()).toMatchObject({ code: 5 });
    await task.delete();
    expect(await firstValueFrom(system.exit$)).toMatchObject({ reason: 'ended' });
  });

  it('stops a task whose init takes no notice', async () => {
    const guest = await guestOverRunc();
    const system = await containerOf(guest, 'trap "" TERM; echo ready; while :; do sleep 1; done');
    const task = await createTask({ id: 'c1', system, stdio: { stdout: 'pipe' } });
    await task.init.start();
    for await (const line of lines(task.init.stdout)) if (line === 'ready') break;
    expect(await task.stop({ grace: 100 })).toMatchObject({ by: 'kill', status: 137 });
    await task.delete();
  });

  it('ends and removes what a host has left behind', async () => {
    const guest = await guestOverRunc();
    const system = await containerOf(guest, 'sleep 600');
    const process = await firstValueFrom(system.createProcess({}));
    expect(process.pid).toBeGreaterThan(0);
    await guest.close();
  });
});
