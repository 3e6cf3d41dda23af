/** The own agent keeps what runs when its host goes: a host that connects again adopts it. Real processes and sockets. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { connectGuest, type Guest, vsockSockets } from '../../src/hcs/guest/index.js';
import { adoptTask, createTask } from '../../src/index.js';
import { cleanUpAfter, describeOnLinux, recordsDirectory, socketPath, startAgent } from './real-agent.js';

describeOnLinux('an agent that keeps what runs', () => {
  const kept = () => {
    const [path, directory] = [socketPath(), recordsDirectory()];
    const agent = startAgent(path, 60_000);
    const connect = async (): Promise<Guest> => {
      const guest = await connectGuest(vsockSockets(path), { records: { directory } });
      cleanUpAfter(() => guest.close());
      return guest;
    };
    return { agent, connect };
  };
  const task = async (guest: Guest, script: string) => {
    const system = await guest.createContainer({
      id: 'c1',
      spec: { process: { args: ['sh', '-c', script] } },
    });
    const its = await createTask({ id: 'c1', system, stdio: { stdout: 'pipe' } });
    await its.init.start();
    return its;
  };
  const adopted = (guest: Guest) =>
    adoptTask({ id: 'c1', system: guest.registry!.system('c1'), stdio: { stdout: 'pipe' } });
  const textOf = async (stdout: AsyncIterable<Uint8Array> | undefined): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stdout ?? []) chunks.push(chunk.slice());
    return Buffer.concat(chunks).toString();
  };

  it('gives the init and the execs of a lost connection to the next one, with their exits', async () => {
    const { connect } = kept();
    const first = await connect();
    const owned = await task(first, 'trap "exit 3" TERM; while :; do sleep 0.05; done');
    const exec = await owned.createExec({
      id: 'e1',
      spec: { args: ['sh', '-c', 'trap "exit 4" TERM; while :; do sleep 0.05; done'] },
    });
    await exec.start();
    const ended = await owned.createExec({ id: 'e2', spec: { args: ['sh', '-c', 'exit 9'] } });
    await ended.start();
    await ended.wait();
    const pids = [owned.init.pid, exec.pid];
    await first.close();
    const its = await adopted(await connect());
    expect([its.init.pid, its.exec('e1').pid]).toEqual(pids);
    expect(its.init.state).toBe('running');
    await its.exec('e1').kill('SIGTERM');
    expect(await its.exec('e1').wait()).toMatchObject({ kind: 'exited', status: 4 });
    await its.init.kill('SIGTERM');
    expect(await its.wait()).toMatchObject({ kind: 'exited', status: 3 });
    await its.delete();
  });

  it('has the exit of a process that ended without a connection, and its output again', async () => {
    const { connect } = kept();
    const first = await connect();
    const go = join(recordsDirectory(), 'go');
    const owned = await task(first, `echo one; until [ -e '${go}' ]; do sleep 0.05; done; echo two; exit 6`);
    const reader = owned.init.stdout![Symbol.asyncIterator]();
    await reader.next();
    await first.close();
    writeFileSync(go, '');
    while (alive(owned.init.pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    const its = await adopted(await connect());
    const text = await textOf(its.init.stdout);
    expect(text).toMatch(/two\n$/);
    const { status, gaps } = await its.wait();
    expect(status).toBe(6);
    expect(gaps).toEqual([expect.objectContaining({ stream: 'stdout' })]);
    await its.delete();
  });

  it('ends all of it when it is stopped without a host', async () => {
    const { agent, connect } = kept();
    const first = await connect();
    const owned = await task(first, 'sleep 1000');
    await first.close();
    await agent.stop();
    expect(() => process.kill(owned.init.pid, 0)).toThrow('ESRCH');
  });

  it('ends all of it when no host has come in time', async () => {
    const path = socketPath();
    const agent = startAgent(path, 300);
    const guest = await connectGuest(vsockSockets(path));
    const owned = await task(guest, 'sleep 1000');
    await guest.close();
    while (alive(owned.init.pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    await agent.stop();
  });
});

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
