/** The streams of facts of a pod and of a namespace: `pods$`, `events$`, `logs$`. */
import { expect, it } from '@jest/globals';
import { filter, firstValueFrom, lastValueFrom, map, scan, take, tap, toArray } from 'rxjs';
import { kubernetesRegistry, type PodLogItem } from '../../../src/hcs/kubernetes/index.js';
import { createTask } from '../../../src/index.js';
import { onCluster } from './on-cluster.js';

const sh = (script: string): readonly string[] => ['sh', '-c', script];
const requestsOf = (asked: readonly string[], pattern: RegExp): number =>
  asked.filter((one) => pattern.test(one)).length;

onCluster('the facts of pods', ({ cluster, place, pod, task }) => {
  it('are those of all pods first, then each change, over one watch for all subscribers', async () => {
    const { pods$ } = kubernetesRegistry(place());
    const watches = (): number => requestsOf(cluster().asked, /watch=1.*managed-by/);
    const before = watches();
    const names$ = pods$.pipe(
      scan((names, change) => {
        if (change.kind === 'listed') return new Set(change.pods.map(({ name }) => name));
        if (change.kind === 'changed') names.add(change.pod.name);
        else names.delete(change.pod.name);
        return names;
      }, new Set<string>()),
    );
    const name = 'seen-by-others';
    const both = [1, 2].map(() =>
      firstValueFrom(
        names$.pipe(
          map((names) => names.has(name)),
          filter((isThere) => isThere),
        ),
      ),
    );
    const { task: one } = await task({ name, command: ['sleep', '1000'] });
    await Promise.all(both);
    const gone = firstValueFrom(names$.pipe(filter((names) => !names.has(name))));
    cluster().cutWatches();
    await one[Symbol.asyncDispose]();
    await gone;
    expect(watches() - before).toBeLessThanOrEqual(2);
  });

  it('have the changes that were made while the watch had expired', async () => {
    const { pods$ } = kubernetesRegistry(place());
    const { task: one } = await task({ name: 'expired', command: sh('sleep 0.3; exit 6') });
    const ended = firstValueFrom(
      pods$.pipe(
        map((change) => (change.kind === 'listed' ? change.pods : [change.pod])),
        map((pods) => pods.find(({ name }) => name === 'expired')?.containers[0]?.state),
        filter((state) => state?.kind === 'terminated'),
      ),
    );
    cluster().expireWatches();
    expect(await ended).toMatchObject({ code: 6 });
    await one[Symbol.asyncDispose]();
  });

  it('fail with the verb that a role lacks', async () => {
    cluster().refuse(/GET .*\/pods\?/, 403);
    // No other spec has a watch there.
    const elsewhere = { ...place(), namespace: 'elsewhere' };
    await expect(firstValueFrom(kubernetesRegistry(elsewhere).pods$)).rejects.toThrow(
      /the role must allow list on pods/,
    );
    cluster().refuse(/GET .*\/events\?/, 403);
    await expect(lastValueFrom(pod().events$)).rejects.toThrow(/the role must allow list on events/);
    cluster().refuse(undefined);
  });

  it('are its events, those from before the subscription too, each once', async () => {
    const { task: one, pod: system } = await task({ command: ['sleep', '1000'] });
    const reasons = () =>
      lastValueFrom(
        system.events$.pipe(
          map(({ reason }) => reason),
          filter((reason) => reason === 'Scheduled' || reason === 'Started'),
          take(2),
          toArray(),
        ),
      );
    expect((await reasons()).sort()).toEqual(['Scheduled', 'Started']);
    const [first, second] = await Promise.all([reasons(), reasons()]);
    expect(second.sort()).toEqual(first.sort());
    await one[Symbol.asyncDispose]();
  });

  it('say why a start takes long, while it does', async () => {
    const system = pod({ image: '127.0.0.1:1/missing:1', startTimeout: cluster().troubleTime });
    // A cluster has warnings of its own as well, of its DNS say.
    const warning = firstValueFrom(
      system.events$.pipe(filter(({ type, message }) => type === 'Warning' && message.includes('missing'))),
    );
    const one = await createTask({ id: 'slow', system });
    await expect(one.init.start()).rejects.toThrow(/ImagePull/);
    expect(await warning).toMatchObject({ type: 'Warning', reason: expect.stringMatching(/\w/) });
    await one.delete();
  });

  it('are the lines of its log with their times, each once over cuts and restarts of its container', async () => {
    const system = pod({
      podSpec: {
        restartPolicy: 'OnFailure',
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'c',
            image: cluster().image,
            command: sh('echo a; sleep 0.2; echo b; printf c; sleep 0.2; exit 4'),
          },
        ],
      },
    });
    let lines = 0;
    const cutting = tap((_: PodLogItem) => {
      lines += 1;
      if (lines === 1) cluster().cutLogs();
    });
    const items = lastValueFrom(system.logs$.pipe(cutting, take(6), toArray()));
    const one = await createTask({ id: 'log', system });
    await one.init.start();
    const found = (await items).flatMap((item) => (item.kind === 'line' ? [item] : []));
    expect(found.map(({ text }) => text)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    const times = found.map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    await one[Symbol.asyncDispose]();
  });

  it('are nothing, and end, where it is never started', async () => {
    const system = pod();
    const logs = lastValueFrom(system.logs$, { defaultValue: undefined });
    const one = await createTask({ id: 'never', system });
    await one.delete();
    expect(await logs).toBeUndefined();
  });
});
