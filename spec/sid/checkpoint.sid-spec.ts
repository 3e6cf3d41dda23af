/** Checkpoints of a running container, made by a real criu, and containers restored from them. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { describeContainersWith } from '../support/containerd/describe-containers.js';
import { inTerminal } from '../support/containerd/in-terminal.js';
import { run as runProgram, until } from '../support/containerd/run.js';
import { useContainerd } from '../support/containerd/use-containerd.js';

describeContainersWith('criu')('ctr container checkpoint and restore', () => {
  const containerd = useContainerd();

  // containerd leaves the folder in which it packs a checkpoint.
  afterAll(() => {
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith('ctrd-checkpoint'));
    for (const name of left) rmSync(join(tmpdir(), name), { recursive: true });
  });

  it('restores a container without streams, which goes on where it was', async () => {
    const { ctr, run } = containerd();
    const counting = 'i=0; while :; do i=$((i+1)); echo $i >/count; sleep 0.05; done';
    expect((await run(['-d', '--null-io'], 'before', ['sh', '-c', counting])).code).toBe(0);
    const count = async (id: string): Promise<number> =>
      Number((await ctr(['task', 'exec', '--exec-id', 'count', id, 'cat', '/count'])).stdout);
    await until(async () => (await count('before')) > 2);

    const reference = 'rxshim.test/checkpoint:null';
    const made = await ctr(['container', 'checkpoint', '--rw', '--task', 'before', reference]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const kept = await count('before');
    await ctr(['task', 'rm', '-f', 'before']);

    const restored = await ctr(['container', 'restore', '--rw', '--live', 'after', reference]);
    expect(restored).toMatchObject({ code: 0, stderr: '' });
    await until(async () => (await count('after')) > kept);
  });

  const writing = 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done';
  const log = (): string => join(containerd().directory, 'checkpointed.log');

  it.each([
    ['FIFOs', () => []],
    ['a log file', () => ['--log-uri', `file://${log()}`]],
  ])('restores a container that writes to %s, and its output goes on', async (kind, options) => {
    const { ctr, run, shim } = containerd();
    const [before, after] = [kind, kind].map((word, index) => `${word.replaceAll(' ', '-')}-${index}`) as [
      string,
      string,
    ];
    expect(await run(['-d', ...options()], before, ['sh', '-c', writing])).toMatchObject({ code: 0 });
    if (kind === 'a log file') await until(() => lastOf(readFileSync(log(), 'utf8')) > 2);
    // Before the checkpoint: the container goes on after it, and the restored one begins where it was dumped.
    const seen = kind === 'a log file' ? lastOf(readFileSync(log(), 'utf8')) : 0;
    const reference = `rxshim.test/checkpoint:${before.toLowerCase()}`;
    const made = await ctr(['container', 'checkpoint', '--rw', '--task', before, reference]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    await ctr(['task', 'rm', '-f', before]);

    const restored = await ctr(['container', 'restore', '--rw', '--live', after, reference]);
    expect(restored).toMatchObject({ code: 0 });
    const { task, close } = shim(after);
    const { stdout } = await task.state({ id: after, execId: '' });
    close();
    const read = await runProgram('sh', ['-c', 'timeout 20 head -n 3 < "$1"', 'sh', stdout]);
    expect(lastOf(read.stdout)).toBeGreaterThan(seen);
  });

  it('restores a container with a terminal, which goes on with another one', async () => {
    const { ctr, runCommand, execCommand } = containerd();
    // ctr takes the size of the terminal that it has itself.
    const run = inTerminal(runCommand(['-t'], 'with-terminal', ['sh', '-c', writing]));
    const seen = lastOf(await run.reads(/^3\r+\n/m));
    const reference = 'rxshim.test/checkpoint:terminal';
    const made = await ctr(['container', 'checkpoint', '--rw', '--task', 'with-terminal', reference]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    await ctr(['task', 'rm', '-f', 'with-terminal']);
    await run.ended;
    run.close();

    const global = execCommand('', '', []).slice(0, 5);
    const restore = inTerminal([
      ...global,
      'container',
      'restore',
      '--rw',
      '--live',
      'other-terminal',
      reference,
    ]);
    expect(lastOf(await restore.reads(/\d\r+\n$/))).toBeGreaterThan(seen);
    restore.close();
    restore.child.kill('SIGKILL');
    await ctr(['task', 'rm', '-f', 'other-terminal']);
  });
});

/** The last number of a text in lines. */
const lastOf = (text: string): number => Number(text.trim().split('\n').at(-1)?.trim() ?? 0);
