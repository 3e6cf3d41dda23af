/** Checkpoints of a running container, made by a real criu, and containers restored from them. */
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { describeContainersWith } from '../support/containerd/describe-containers.js';
import { until } from '../support/containerd/run.js';
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
});
