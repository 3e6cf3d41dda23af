/** The streams of a container are pipes of the shim's own, never the FIFO or the log file of its client. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { pack, runc } from '../../../src/shim/messages/index.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { shell } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('the pipes of a container', () => {
  const host = useShimHost();

  it('do not let `echo > /dev/stdout` truncate a log file', async () => {
    const file = join(host().directory, 'truncated.log');
    const container = await host().container(
      shell('echo first; echo second > /dev/stdout; echo third > /proc/self/fd/2; echo fourth'),
    );
    await container.run({ stdout: `file://${file}`, stderr: `file://${file}` });
    expect(await container.exitOf()).toBe(0);
    await container.task.delete({ id: container.id, execId: '' });
    expect(readFileSync(file, 'utf8').split('\n').sort().join(' ').trim()).toBe('first fourth second third');
  });

  it('keep the owner, the mode and the earlier content of a log file from an unprivileged process', async () => {
    const file = join(host().directory, 'earlier.log');
    writeFileSync(file, 'earlier content\n', { mode: 0o640 });
    const container = await host().container(
      // What it opens to read is the pipe. It reads nothing, as that would be taken from the log.
      shell(
        'echo once; : > /proc/self/fd/1; test -p /proc/self/fd/1 && : < /proc/self/fd/1 && echo again > /dev/stdout',
        {
          user: 1000,
        },
      ),
    );
    await container.run({ stdout: `file://${file}`, stderr: '' });
    await container.exitOf();
    await container.task.delete({ id: container.id, execId: '' });
    expect(readFileSync(file, 'utf8')).toBe('earlier content\nonce\nagain\n');
    const { uid, gid, mode } = statSync(file);
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 0, gid: 0, mode: 0o640 });
  });

  it('leave the owner of the FIFOs of a client as it is, and do not show where they are', async () => {
    const container = await host().container(
      shell('ls -l /proc/$$/fd/1 /proc/$$/fd/2; read line', { user: 1000 }),
    );
    const io = container.streams('init', { stdin: true });
    const pid = await container.run(io.paths);
    expect(await io.reads(/\n.*\n/)).toMatch(/-> pipe:\[\d+\]\n.* -> pipe:\[\d+\]\n$/);
    for (const fd of [0, 1, 2]) expect(readlinkSync(`/proc/${pid}/fd/${fd}`)).toMatch(/^pipe:/);
    for (const path of [io.paths.stdin, io.paths.stdout, io.paths.stderr]) expect(statSync(path).uid).toBe(0);
    await io.stdin.write(Buffer.from('\n'));
    expect(await container.exitOf()).toBe(0);
  });

  it('can be opened as /dev/stdout and /dev/stderr in a user namespace, by an init and by an exec', async () => {
    const options = pack(runc.Options, runc.Options.create({ ioUid: 100_000, ioGid: 100_000 }));
    const file = join(host().directory, 'userns.log');
    const script = 'echo out > /dev/stdout; echo err > /dev/stderr';
    const container = await host().container(
      { ...shell(`${script}; exec sleep 600`), idsFrom: 100_000 },
      { options },
    );
    for (const path of [host().directory, join(container.bundle, '..'), container.bundle])
      chmodSync(path, 0o711);
    await container.run({ stdout: `file://${file}`, stderr: `file://${file}` });
    await until(() => readFileSync(file, 'utf8').includes('err'));
    expect(readFileSync(file, 'utf8')).toBe('out\nerr\n');
    expect(statSync(file).uid).toBe(0);
    const io = container.streams('e');
    await container.exec('e', shell(script), io.paths);
    expect(await Promise.all([io.stdout(), io.stderr()])).toEqual(['out\n', 'err\n']);
    expect(await container.exitOf('e')).toBe(0);
  });

  it('keep a writer from errors and from losses while no client reads', async () => {
    const script =
      'trap "" PIPE; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo "line number $i" || echo $i >> /errors; done';
    const container = await host().container(shell(script));
    const first = container.streams('init');
    await container.run(first.paths);
    expect(await first.reads(/line number 10\n/)).toContain('line number 1\n');
    first.leave();
    const second = execFileSync('cat', [first.paths.stdout], { encoding: 'utf8', maxBuffer: 2 ** 24 });
    expect(await container.exitOf()).toBe(0);
    // The first reader may have left within a line.
    const [, ...lines] = second.trim().split('\n');
    const start = 20_001 - lines.length;
    expect(lines).toEqual(lines.map((_, index) => `line number ${start + index}`));
    expect(existsSync(join(host().rootfs, 'errors'))).toBe(false);
  });
});
