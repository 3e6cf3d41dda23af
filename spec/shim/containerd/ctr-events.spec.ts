/** What `ctr events` shows of containers and their execs: the events that containerd got, in their order. */
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';

describeContainers('ctr events', () => {
  const containerd = useContainerd();

  it('shows the life of a container, its execs within it', async () => {
    const events = await containerd().events();
    const { ctr } = containerd();
    await containerd().run(['-d'], 'watched', ['sleep', '600']);
    await ctr(['task', 'exec', '--exec-id', 'e1', 'watched', 'sh', '-c', 'exit 3']);
    await ctr(['task', 'pause', 'watched']);
    await ctr(['task', 'resume', 'watched']);
    await ctr(['task', 'kill', '-s', 'KILL', 'watched']);
    await events.received('watched', 'exit');
    await ctr(['task', 'rm', 'watched']);
    await events.received('watched', 'delete');
    const topics = events.topics('watched').filter((topic) => topic !== 'delete e1');
    expect(topics).toEqual([
      'create',
      'start',
      'exec-added e1',
      'exec-started e1',
      'exit e1',
      'paused',
      'resumed',
      'exit',
      'delete',
    ]);
    const codes = events
      .all()
      .filter(({ topic, event }) => topic === '/tasks/exit' && event['container_id'] === 'watched')
      .map(({ event }) => [event['id'], event['exit_status']]);
    expect(codes).toEqual([
      ['e1', 3],
      ['watched', 137],
    ]);
    await events.stop();
  });

  it('shows the start of even the shortest container before its exit, each once', async () => {
    const events = await containerd().events();
    const ids = Array.from({ length: 12 }, (_, index) => `short${index}`);
    for (const group of [ids.slice(0, 6), ids.slice(6)])
      await Promise.all(group.map((id) => containerd().run(['--rm'], id, ['true'])));
    for (const id of ids) {
      await events.received(id, 'delete');
      expect(events.topics(id)).toEqual(['create', 'start', 'exit', 'delete']);
    }
    await events.stop();
  });

  it('shows that a container was ended for want of memory', async () => {
    const events = await containerd().events();
    const ended = await containerd().run(['--rm', '--memory-limit', '16777216'], 'hungry', [
      'sh',
      '-c',
      'sleep 0.3; tail /dev/zero',
    ]);
    expect(ended.code).toBe(137);
    await until(() => events.topics('hungry').includes('oom'));
    await events.stop();
  });
});
