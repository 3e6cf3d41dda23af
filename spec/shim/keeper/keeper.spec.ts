/**
 * The keeper, over real sockets and processes: what it keeps when its brain dies, and whom it lets down in what way.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { privateMemory } from '../../support/containerd/private-memory.js';
import { describeLauncher } from '../launcher/harness.js';
import { childrenOf, type Fact, keeperHarness } from './harness.js';

/** The pid of the stand-in's child that runs a shell command. */
const ofType = (facts: readonly Fact[], type: string): readonly Fact[] =>
  facts.filter((fact) => fact.type === type);

describeLauncher('a keeper', () => {
  const harness = keeperHarness();

  it('forwards a call to the brain and its answer back, for several clients at a time', async () => {
    const keeper = await harness.start();
    const others = [keeper.client(), keeper.client(), keeper.client()];
    const answers = await Promise.all([keeper.task, ...others].map((each) => each.connect({ id: '' })));
    expect(new Set(answers.map(({ shimPid }) => shimPid)).size).toBe(1);
    expect(childrenOf(keeper.pid)).toContain(answers[0]?.shimPid);
  });

  it('delivers a call that is in flight to the next brain when the brain is killed', async () => {
    const keeper = await harness.start();
    const first = await keeper.brain();
    const { pid } = await keeper.task.start({ id: 'tag', execId: 'sleep 0.3; exit 7' });
    const waiting = keeper.task.wait({ id: '', execId: String(pid) });
    // The call that kills the brain is in flight as well, and kills each one that it is delivered to: not from here.
    process.kill(first.pid, 'SIGKILL');
    expect((await waiting).exitStatus).toBe(7);
    expect((await keeper.brain()).pid).not.toBe(first.pid);
  });

  it('greets the next brain with the children, the exits and the descriptors that it has', async () => {
    const keeper = await harness.start();
    const running = await keeper.task.start({ id: 'create c1', execId: 'exec sleep 1000' });
    const ended = await keeper.task.start({ id: 'exec c1 e1', execId: 'kill -9 $$' });
    await keeper.ask('hold', 'c1/stdout', 0);
    await keeper.killBrain();
    const { facts } = await keeper.brain();
    const greeting = facts.slice(
      0,
      facts.findIndex(({ type }) => type === 'ready'),
    );
    expect(greeting[0]).toEqual({ type: 'hello', version: 1, pid: keeper.pid });
    expect(ofType(greeting, 'spawned')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ tag: 'create c1', pid: running.pid }),
        expect.objectContaining({ tag: 'exec c1 e1', pid: ended.pid }),
      ]),
    );
    expect(ofType(greeting, 'exit')).toEqual([
      expect.objectContaining({ pid: ended.pid, exit: expect.objectContaining({ kind: 'signaled' }) }),
    ]);
    expect(ofType(greeting, 'held')).toEqual([{ type: 'held', name: 'c1/stdout' }]);
    expect(await keeper.ask('child', running.pid)).toBe(ofType(greeting, 'exit')[0]?.['number']);
  });

  it('forgets an exit when the brain has confirmed it, and not before', async () => {
    const keeper = await harness.start();
    const { pid } = await keeper.task.start({ id: 'tag', execId: 'exit 3' });
    await keeper.killBrain();
    expect((await keeper.task.wait({ id: '', execId: String(pid) })).exitStatus).toBe(3);
    await keeper.killBrain();
    const { facts } = await keeper.brain();
    expect(facts.map(({ type }) => type)).not.toContain('exit');
    expect(facts.map(({ type }) => type)).not.toContain('spawned');
  });

  it('reaps the orphans of its children', async () => {
    const keeper = await harness.start();
    const { pid } = await keeper.task.start({ id: 'parent', execId: '(sleep 0.2; exit 5) & exit 0' });
    await keeper.task.wait({ id: '', execId: String(pid) });
    const orphan = async (): Promise<Fact | undefined> =>
      ofType((await keeper.brain()).facts, 'exit').find((fact) => fact['pid'] !== pid);
    let found = await orphan();
    while (found === undefined) found = await orphan();
    expect(found['exit']).toMatchObject({ kind: 'exited', code: 5 });
  });

  it('signals its own children alone, and none that has ended', async () => {
    const keeper = await harness.start();
    const { pid } = await keeper.task.start({ id: 'tag', execId: 'exec sleep 1000' });
    expect(await keeper.ask('kill', process.pid, 0)).toBe(false);
    expect(await keeper.ask('kill', pid, 15)).toBe(true);
    expect((await keeper.task.wait({ id: '', execId: String(pid) })).exitStatus).toBe(143);
    expect(await keeper.ask('kill', pid, 15)).toBe(false);
  });

  it('starts a child with the given words, variables, folder and no descriptors but its own', async () => {
    const keeper = await harness.start();
    const path = harness.path('words');
    const { pid } = (await keeper.ask(
      'spawn',
      {
        file: '/bin/sh',
        args: [
          'sh',
          '-c',
          `{ printf '%s|' "$@" "$HOME" "$PWD"; echo /proc/self/fd/*; umask; } > ${path}`,
          'x',
          'a b',
          '',
        ],
        env: ['HOME=/nowhere', 'PATH=/bin'],
        cwd: '/usr',
        umask: 0o27,
        tag: '',
      },
      [null, null, null],
    )) as { pid: number };
    expect((await keeper.task.wait({ id: '', execId: String(pid) })).exitStatus).toBe(0);
    const [words, umask] = readFileSync(path, 'utf8').split('\n');
    const [given, descriptors = ''] = words?.split('/usr|') ?? [];
    expect(given).toBe('a b||/nowhere|');
    // Those that the shell has opened besides: the folder, and what it saved.
    expect(descriptors.replaceAll('/proc/self/fd/', '').split(' ')).toEqual(['0', '1', '10', '2', '3']);
    expect(umask).toBe('0027');
  });

  it('says which program cannot be started, in the words of the system', async () => {
    const keeper = await harness.start();
    const program = { file: '/does/not/exist', args: ['x'], env: [], cwd: '/', tag: '' };
    await expect(keeper.ask('spawn', program, [null, null, null])).rejects.toThrow(/ENOENT/);
  });

  it('moves bytes while the brain is dead, and reports how a stream ended to the next one', async () => {
    const keeper = await harness.start();
    const [from, to] = [harness.path('from'), harness.path('to')];
    execFileSync('mkfifo', [from, to]);
    const source = (await keeper.ask('open', from)) as number;
    const target = (await keeper.ask('open', to)) as number;
    expect(await keeper.ask('attach', 'c1/stdout', { from: source, to: target })).toBe(true);
    await keeper.ask('close', source);
    await keeper.ask('close', target);
    const { pid } = await keeper.brain();
    process.kill(pid, 'SIGSTOP');
    // Nothing but the keeper has the other ends: what comes out was moved by it.
    const writer = execFileSync('sh', ['-c', `exec 4<>${to}; echo moved > ${from}; head -c 6 <&4`]);
    process.kill(pid, 'SIGCONT');
    expect(writer.toString()).toBe('moved\n');
    await keeper.killBrain();
    expect(await keeper.ask('report', 'c1/stdout')).toMatchObject({ moved: 6 });
    expect(await keeper.ask('names', 'c1/')).toEqual(['c1/stdout']);
    await keeper.ask('detach', 'c1/stdout');
    expect(await keeper.ask('names', '')).toEqual([]);
  });

  it('refuses to move what the kernel cannot move', async () => {
    const keeper = await harness.start();
    const path = harness.path('file');
    writeFileSync(path, '');
    const file = (await keeper.ask('open', path)) as number;
    expect(await keeper.ask('attach', 'c1/stdout', { from: file, to: file })).toBe(false);
  });

  it('passes over a message that is too long, and serves the same connection further', async () => {
    const keeper = await harness.start();
    const { facts } = await keeper.brain();
    expect(ofType(facts, 'open')).toHaveLength(1);
    const connection = keeper.connection();
    const answered = new Promise<Buffer>((resolve) => connection.once('data', resolve));
    const head = Buffer.alloc(10);
    head.writeUInt32BE(5 * 1024 * 1024, 0);
    head.writeUInt32BE(1, 4);
    head[8] = 1;
    connection.write(head);
    connection.write(Buffer.alloc(5 * 1024 * 1024));
    const answer = await answered;
    expect(answer.readUInt32BE(4)).toBe(1);
    expect(answer.toString('latin1')).toContain('resource exhausted');
  });

  it('notices that a client has gone', async () => {
    const keeper = await harness.start();
    const connection = keeper.connection();
    await new Promise((resolve) => connection.once('connect', resolve));
    const isOver = async (type: string) => ofType((await keeper.brain()).facts, type).length > 0;
    while (ofType((await keeper.brain()).facts, 'open').length < 2);
    connection.destroy();
    while (!(await isOver('closed')));
  });

  it('tries again while brains die before they have done anything, and delivers the calls to the first that lives', async () => {
    const dies = harness.path('dies');
    writeFileSync(dies, '');
    const keeper = await harness.start({ BRAIN_DIES: dies });
    const call = keeper.brain();
    while (!keeper.log().includes('another is started')) await new Promise(setImmediate);
    rmSync(dies);
    expect((await call).facts[0]?.type).toBe('hello');
  });

  it('ends with its brain when that leaves, and gives up its socket first', async () => {
    const keeper = await harness.start();
    await keeper.ask('leave');
    expect(await keeper.ended).toBe(0);
    expect(existsSync(keeper.socket)).toBe(false);
  });

  it('gives no brain time to run that does not answer any longer', async () => {
    const keeper = await harness.start();
    const { pid } = await keeper.brain();
    process.kill(pid, 'SIGSTOP');
    // Two pings.
    expect((await keeper.brain()).pid).not.toBe(pid);
    expect(keeper.log()).toContain('does not answer');
  });

  it('takes less than 250 kB of memory that other keepers do not share', async () => {
    // The pages of the program belong to all of them.
    const [keeper] = [await harness.start(), await harness.start()];
    await keeper.task.start({ id: 'tag', execId: 'exec sleep 1000' });
    await keeper.brain();
    expect(privateMemory(keeper.pid) * 1024).toBeLessThan(250);
  });
});
