/** A container's streams, of each kind that containerd's clients ask for. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('the streams of a container', () => {
  const host = useShimHost();

  it('carry its input and both its outputs through FIFOs, to the end', async () => {
    const container = await host().container(shell('cat; echo done; echo problem >&2'));
    const io = container.streams('init', { stdin: true });
    await container.run(io.paths);
    const output = Promise.all([io.stdout(), io.stderr()]);
    await io.stdin.write(Buffer.from('hello\n'));
    await container.task.closeIO({ id: container.id, execId: '', stdin: true });
    io.stdin.close();
    expect(await output).toEqual(['hello\ndone\n', 'problem\n']);
    expect(await container.exitOf()).toBe(0);
  });

  it('stay open for a client that comes after another one has gone', async () => {
    const container = await host().container(shell('cat'));
    const first = container.streams('init', { stdin: true });
    await container.run(first.paths);
    await first.stdin.write(Buffer.from('one\n'));
    expect(await first.reads(/one\n/)).toBe('one\n');
    first.leave();
    // The shim keeps the write end until CloseIO.
    execFileSync('sh', ['-c', `echo two > ${first.paths.stdin}`]);
    const second = execFileSync('sh', ['-c', `head -n 1 < ${first.paths.stdout}`]);
    expect(second.toString()).toBe('two\n');
    await container.task.closeIO({ id: container.id, execId: '', stdin: true });
    expect(await container.exitOf()).toBe(0);
  });

  it('of an exec are its own', async () => {
    const container = await host().container(shell('echo init; exec sleep 600'));
    const init = container.streams('init');
    await container.run(init.paths);
    expect(await init.reads(/init\n/)).toBe('init\n');
    const exec = container.streams('exec', { stdin: true });
    await container.exec('e', shell('cat; echo err >&2; exit 2'), exec.paths);
    const output = Promise.all([exec.stdout(), exec.stderr()]);
    await exec.stdin.write(Buffer.from('in\n'));
    await container.task.closeIO({ id: container.id, execId: 'e', stdin: true });
    exec.stdin.close();
    expect(await output).toEqual(['in\n', 'err\n']);
    expect(await container.exitOf('e')).toBe(2);
    const { stdin, stdout, stderr, terminal } = await container.task.state({ id: container.id, execId: 'e' });
    expect({ stdin, stdout, stderr, terminal }).toEqual(exec.paths);
  });

  itIsBetter('may be only some of the three', async () => {
    const container = await host().container(shell('echo out; echo err >&2'));
    const io = container.streams('init');
    await container.run({ stdin: '', stdout: io.paths.stdout, stderr: '' });
    expect(await io.stdout()).toBe('out\n');
    expect(await container.exitOf()).toBe(0);
  });

  it('can go into a file, both outputs into the same, after what is there', async () => {
    const file = join(host().directory, 'logs/deep/container.log');
    for (const text of ['first', 'second']) {
      const container = await host().container(shell(`echo ${text}; echo err >&2`));
      await container.run({ stdout: `file://${file}`, stderr: `file://${file}` });
      await container.exitOf();
      await container.task.delete({ id: container.id, execId: '' });
    }
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect([...lines].sort()).toEqual(['err', 'err', 'first', 'second']);
    expect(lines.indexOf('first')).toBeLessThan(lines.indexOf('second'));
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  it('can go to a logging program, which gets the ids of their owner, and which Create waits for', async () => {
    const log = join(host().directory, 'logged');
    const logger = join(host().directory, 'logger');
    writeFileSync(
      logger,
      `#!/bin/sh
trap '' TERM
echo "$CONTAINER_ID $CONTAINER_NAMESPACE $*" > ${log}
sleep 0.1
touch ${log}.ready
exec 5>&-
cat <&4 >> ${log}.err &
cat <&3 >> ${log}
wait
touch ${log}.done
`,
    );
    chmodSync(logger, 0o755);
    const container = await host().container(shell('echo said; echo err >&2'));
    const uri = `binary://${logger}?key=value`;
    await container.create({ stdout: uri, stderr: uri });
    expect(existsSync(`${log}.ready`)).toBe(true);
    await container.task.start({ id: container.id, execId: '' });
    await container.exitOf();
    // It may be notified only now, by a signal.
    await container.task.delete({ id: container.id, execId: '' });
    await until(() => existsSync(`${log}.done`));
    expect(readFileSync(log, 'utf8')).toBe(`${container.id} ${host().namespace} key value\nsaid\n`);
    expect(readFileSync(`${log}.err`, 'utf8')).toBe('err\n');
  });

  it('that were not requested are /dev/null', async () => {
    const container = await host().container(shell('cat; echo unheard && echo unheard >&2 && exit 11'));
    await container.run();
    expect(await container.exitOf()).toBe(11);
  });

  it('end when the process has closed them, though it lives', async () => {
    const container = await host().container(shell('echo last; exec >&- 2>&-; exec sleep 600'));
    const io = container.streams('init');
    await container.run(io.paths);
    expect(await io.stdout()).toBe('last\n');
    expect(await io.stderr()).toBe('');
    expect((await container.task.pids({ id: container.id })).processes).toHaveLength(1);
  });

  it('that a client never reads block the process that writes, and no other', async () => {
    const container = await host().container(sleeping);
    await container.run();
    const unread = container.streams('unread');
    await container.exec('flood', { args: ['yes'] }, unread.paths);
    const read = container.streams('read');
    await container.exec('calm', shell('seq 1 50000 | tail -n 1; exit 3'), read.paths);
    expect(await read.stdout()).toBe('50000\n');
    expect(await container.exitOf('calm')).toBe(3);
    // Nor does it hold up its own end.
    await container.task.kill({ id: container.id, execId: 'flood', signal: 9, all: false });
    expect(await container.exitOf('flood')).toBe(137);
    await container.task.delete({ id: container.id, execId: 'flood' }, { timeout: 14_000 });
  });

  it('give all that was said to a client that reads late', async () => {
    const container = await host().container(shell('seq 1 3000; exit 0'));
    const io = container.streams('init');
    await container.run(io.paths);
    expect(await container.exitOf()).toBe(0);
    expect(await io.stdout()).toBe(Array.from({ length: 3000 }, (_, index) => `${index + 1}\n`).join(''));
  });

  it('that a grandchild holds open do not keep the container from being deleted', async () => {
    const container = await host().container(sleeping);
    await container.run();
    const io = container.streams('e');
    await container.exec('e', shell('setsid sleep 600 & echo said; exit 5'), io.paths);
    expect(await io.reads(/said\n/)).toBe('said\n');
    expect(await container.exitOf('e')).toBe(5);
    await container.task.delete({ id: container.id, execId: 'e' }, { timeout: 14_000 });
    expect(await io.stdout()).toBe('said\n');
  });

  itIsBetter('that there are not fail the creation, which leaves nothing', async () => {
    const container = await host().container(sleeping);
    await expect(container.create({ stdout: '/nowhere/at/all' })).rejects.toThrow(/nowhere/);
    expect(host().census()).toMatchObject({ mounts: [], cgroups: [], runtimeState: [] });
  });
});
