/**
 * Adoption of containers in a guest whose agent keeps them. The agent is a stand-in for the newest one of Microsoft, which
 * says nothing of runs and activities.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { kindOf } from '../../../src/hcs/failures/errors.js';
import { connectGuest, type Guest } from '../../../src/hcs/guest/index.js';
import { adoptTask, createTask, listTasks, reap } from '../../../src/index.js';
import { memoryTransport } from '../../../tools/vectors/memory-transport.js';
import { RediallingAgent } from './redialling-agent.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const turns = async (count = 10): Promise<void> => {
  for (let n = 0; n < count; n += 1) await turn();
};
const ownership = { owner: 'ci', run: 'one' };

describe('a guest whose agent keeps its containers', () => {
  let directory: string;
  let agent: RediallingAgent;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rxshim-spec-'));
    agent = new RediallingAgent();
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const connect = (): Promise<Guest> =>
    Promise.resolve(connectGuest(memoryTransport(agent.connect()), { records: { directory, ownership } }));

  /** A task whose owner has lost its connection: its init has pid 100, its exec 101. */
  const owned = async (): Promise<void> => {
    const guest = await connect();
    const system = await guest.createContainer({ id: 'c1', spec: { process: { args: ['x'] } } });
    const task = await createTask({ id: 'c1', system, stdio: { stdout: 'pipe' } });
    await task.init.start();
    const exec = await task.createExec({ id: 'e1', spec: { args: ['y'] } });
    await exec.start();
    await turns();
    agent.disconnect();
    await turns();
  };

  const adopted = async () => {
    const guest = await connect();
    const { registry } = guest;
    const task = await adoptTask({ id: 'c1', system: registry!.system('c1') });
    return {
      task,
      get exec() {
        return task.exec('e1');
      },
    };
  };

  it('is listed with what its owner had', async () => {
    await owned();
    const { registry } = await connect();
    expect(await listTasks({ registry: registry!, owner: 'ci' })).toEqual([
      expect.objectContaining({ id: 'c1', ownership, pid: 100 }),
    ]);
  });

  it('ends adopted processes with the exits that the guest reports later, and only then', async () => {
    await owned();
    const { task, exec } = await adopted();
    const exits: unknown[] = [];
    exec.exit$.subscribe((exit) => exits.push(exit.status));
    await turns();
    expect([task.init.state, exec.state, task.init.pid, exec.pid]).toEqual(['running', 'running', 100, 101]);
    agent.exit(101, 7);
    await turns();
    expect(exits).toEqual([7]);
    agent.exit(100, 3);
    expect(await task.wait()).toMatchObject({ kind: 'exited', status: 3 });
    await task.delete();
    expect(agent.containers.size).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('reports the exits that happened while there was no connection', async () => {
    await owned();
    agent.exit(101, 7);
    agent.exit(100, 3);
    const { task, exec } = await adopted();
    expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 7 });
    expect(await task.wait()).toMatchObject({ kind: 'exited', status: 3 });
  });

  it('has an exit that arrived on a connection whose program did not adopt', async () => {
    await owned();
    agent.exit(101, 7);
    await connect();
    await turns();
    agent.disconnect();
    await turns();
    const { exec } = await adopted();
    expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 7 });
  });

  it('loses an exit that the guest has forgotten, and takes none of a process with the same pid', async () => {
    await owned();
    agent.processes.delete(101);
    const scheduler = new VirtualTimeScheduler();
    const guest = await connectGuest(memoryTransport(agent.connect()), {
      records: { directory },
      scheduler,
    });
    const task = await adoptTask({ id: 'c1', system: guest.registry!.system('c1') });
    await turns();
    scheduler.flush();
    expect(await task.exec('e1').wait()).toMatchObject({ kind: 'lost', status: 255 });
    expect(task.init.state).toBe('running');
  });

  it('loses all of a container that the guest does not know', async () => {
    await owned();
    agent = new RediallingAgent();
    const { task, exec } = await adopted();
    expect(await exec.wait()).toMatchObject({
      kind: 'lost',
      reason: expect.stringContaining('the guest does not know the container'),
    });
    expect(await task.wait()).toMatchObject({ kind: 'lost', status: 255 });
  });

  it('signals adopted processes, and stops them', async () => {
    await owned();
    const { task } = await adopted();
    expect(await task.stop()).toMatchObject({ status: 137 });
  });

  it('says what of the output cannot be read', async () => {
    await owned();
    const { task } = await adopted();
    agent.exit(100, 0);
    const { gaps } = await task.wait();
    expect(gaps).toEqual([
      { stream: 'stdout', reason: expect.stringContaining('the connection to the guest was lost') },
    ]);
  });

  it('has an exec whose record is damaged as a lost one', async () => {
    await owned();
    const [record] = readdirSync(join(directory, 'c-c1', 'execs'));
    writeFileSync(join(directory, 'c-c1', 'execs', record!, 'request'), 'garbage');
    const { task } = await adopted();
    expect(await task.exec(record!).wait()).toMatchObject({
      kind: 'lost',
      reason: expect.stringContaining('its record cannot be read'),
    });
  });

  it('is adopted by nothing before its init was started, and removed by its owner', async () => {
    const first = await connect();
    await first.createContainer({ id: 'c1', spec: {} });
    agent.disconnect();
    const { registry } = await connect();
    expect(await listTasks({ registry: registry!, owner: 'ci' })).toEqual([
      expect.objectContaining({ id: 'c1', state: 'created' }),
    ]);
    await expect(
      Promise.resolve(adoptTask({ id: 'c1', system: registry!.system('c1') })),
    ).rejects.toMatchObject({
      kind: 'failedPrecondition',
      message: expect.stringContaining('never started'),
    });
    await reap({ registry: registry!, owner: 'ci', olderThan: 0 });
    expect([agent.containers.size, readdirSync(directory)]).toEqual([0, []]);
  });

  it('has no task that it never had', async () => {
    const { registry } = await connect();
    await expect(
      Promise.resolve(adoptTask({ id: 'no', system: registry!.system('no') })),
    ).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('is adopted, lost or refused when any of its records is cut short, and never anything else', async () => {
    await owned();
    const saved = `${directory}-saved`;
    cpSync(directory, saved, { recursive: true });
    const [exec] = readdirSync(join(directory, 'c-c1', 'execs'));
    const records = [
      'task',
      'created',
      'init/request',
      'init/pid',
      `execs/${exec}/request`,
      `execs/${exec}/pid`,
    ];
    const seen = new Set<string>();
    try {
      for (const record of records) {
        const whole = readFileSync(join(saved, 'c-c1', record));
        // Every byte is the matter of record-file.spec.ts.
        for (const size of [0, 1, whole.indexOf('\n') + 1, whole.length - 2, whole.length - 1]) {
          rmSync(directory, { recursive: true });
          cpSync(saved, directory, { recursive: true });
          writeFileSync(join(directory, 'c-c1', record), whole.subarray(0, size));
          const { registry } = await connect();
          const listed = await listTasks({ registry: registry! });
          const task = await Promise.resolve(adoptTask({ id: 'c1', system: registry!.system('c1') })).catch(
            (error: unknown) => kindOf(error),
          );
          let end = `${task}`;
          if (typeof task === 'object') {
            expect([task.init.pid, task.init.state]).toEqual([100, 'running']);
            const { kind, status } = await task.exec(record.endsWith('request') ? exec! : 'e1').wait();
            end = `${kind} ${status}`;
          }
          seen.add(`${record}: ${listed.map(({ id, state }) => `${id} ${state}`)}, ${end}`);
          agent.disconnect();
        }
      }
      expect([...seen]).toEqual([
        'task: c1 lost, failedPrecondition',
        'created: c1 creating, failedPrecondition',
        'init/request: c1 running, failedPrecondition',
        'init/pid: c1 lost, failedPrecondition',
        `execs/${exec}/request: c1 running, lost 255`,
        `execs/${exec}/pid: c1 running, lost 255`,
      ]);
    } finally {
      rmSync(saved, { recursive: true });
    }
  });
});
