import { expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { onCluster } from './on-cluster.js';

onCluster('what a pod uses', ({ cluster, task }) => {
  it('is that of its container, as the metrics API has it', async () => {
    const { task: one, pod } = await task({ command: ['sleep', '1000'] });
    cluster().measure({ cpu: '1500m', memory: '64Mi' });
    expect(await firstValueFrom(pod.stats$)).toEqual({
      at: expect.any(Date),
      load: 1.5,
      memory: 64 * 2 ** 20,
    });
    cluster().measure(undefined);
    await one[Symbol.asyncDispose]();
  });

  it('is refused as not implemented by a cluster without that API', async () => {
    const { task: one, pod } = await task({ command: ['sleep', '1000'] });
    await expect(firstValueFrom(pod.stats$)).rejects.toMatchObject({
      kind: 'notImplemented',
      message: expect.stringContaining('the cluster has no metrics API'),
    });
    await one[Symbol.asyncDispose]();
  });
});
