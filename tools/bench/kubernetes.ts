/**
 * Pods of a cluster over one watch: what a pod costs in memory and processor time at ten thousand of them, and how late an
 * exit is seen. Then a thousand execs, a hundred at a time. Needs --expose-gc.
 *
 * The API server is a part of this program that makes documents of a usual size as it is asked, so its processor time is
 * in all figures, and in the lag, which counts from the writing of the event to the exit. A real cluster adds its own. The
 * execs are processes of this machine, over the stand-in of the specs, which needs root.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startStandIn } from '../../spec/support/kubernetes/stand-in.js';
import { lackAsRoot } from '../../spec/support/lacks.js';
import { clusterOf } from '../../src/hcs/kubernetes/api/cluster.js';
import { kubernetes } from '../../src/hcs/kubernetes/kubernetes.js';
import { followPod } from '../../src/hcs/kubernetes/pod/follow-pod.js';
import { newPodContext } from '../../src/hcs/kubernetes/pod/pod-context.js';
import type { ApiContainerState, ApiPod } from '../../src/hcs/kubernetes/pods/api-pod.js';
import { factsOf } from '../../src/hcs/kubernetes/pods/pod-facts.js';
import { podStore } from '../../src/hcs/kubernetes/pods/pod-store.js';
import { createTask, text } from '../../src/index.js';
import type { Figure } from './harness.js';

export const pods = async (quick: boolean): Promise<Figure[]> => {
  const count = quick ? 2_000 : 10_000;
  const server = await feed(count);
  const cluster = clusterOf({ server: server.url });
  const store = podStore({ cluster, namespace: 'bench', labelSelector: 'app=bench' });
  // What is paid once is paid before: the documents of the first list, as text and parsed.
  const before = await heap();
  const listed = new Promise<void>((resolve) => {
    const subscription = store.changes$.subscribe((change) => {
      if (change.kind !== 'listed') return;
      resolve();
      setImmediate(() => subscription.unsubscribe());
    });
  });
  const beforeList = process.cpuUsage();
  const keeping = store.watching$.subscribe();
  await listed;
  const spentOnList = spentSince(beforeList);
  const seen = await heap();
  const exits = Array.from({ length: count }, (_, at) => {
    const facts = factsOf(podOf(at, running));
    const context = newPodContext(cluster, facts.name, 'bench', 'main');
    context.uid = facts.uid;
    const limits = { startTimeout: 60_000, stuckTimeout: 60_000, spec: { restartPolicy: 'Never' } as const };
    return followPod(context, limits, store, facts);
  });
  const followed = await heap();

  const ended = quick ? 400 : 2_000;
  const beforeEvents = process.cpuUsage();
  const lags: number[] = [];
  for (let at = 0; at < ended; at += 1) {
    const from = process.hrtime.bigint();
    void exits[at]?.exit.then(() => lags.push(Number(process.hrtime.bigint() - from) / 1e6));
    server.end(at);
    await new Promise((resolve) => setTimeout(resolve, 1_000 / eventsPerSecond));
  }
  await Promise.all(exits.slice(0, ended).map(({ exit }) => exit));
  const spentOnEvents = spentSince(beforeEvents);
  for (const one of exits) one.stop();
  keeping.unsubscribe();
  await server.close();
  lags.sort((a, b) => a - b);
  return [
    { name: 'pod in a watch', value: (seen - before) / count / 1_000, unit: 'kB', lessIsBetter: true },
    {
      name: 'pod in a watch, as a task',
      value: (followed - before) / count / 1_000,
      unit: 'kB',
      lessIsBetter: true,
    },
    { name: 'pod in a list, processor time', value: spentOnList / count, unit: 'µs', lessIsBetter: true },
    {
      name: 'exit by 200 events a second, p99',
      value: lags[Math.floor(lags.length * 0.99)] ?? 0,
      unit: 'ms',
      lessIsBetter: true,
    },
    { name: 'exit in a watch, processor time', value: spentOnEvents / ended, unit: 'µs', lessIsBetter: true },
    ...(lackAsRoot('unshare', 'nsenter') === undefined ? await execs(quick) : []),
  ];
};

/** In microseconds, of all threads. */
const spentSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return user + system;
};

/** @throws Error for an exit status or an output that is not the command's. */
const execs = async (quick: boolean): Promise<Figure[]> => {
  const standIn = await startStandIn();
  const { server, namespace, image } = standIn;
  const system = kubernetes({ server, namespace, image, command: ['sleep', '1000'] });
  const task = await createTask({ id: 'bench', system });
  await task.init.start();
  const one = async (at: number): Promise<void> => {
    const spec = { args: ['sh', '-c', `echo ${at}; exit ${at % 100}`] };
    const exec = await task.createExec({ id: `exec-${at}`, spec, stdio: { stdout: 'pipe' } });
    await exec.start();
    const [output, { status }] = await Promise.all([text(exec.stdout), exec.wait()]);
    if (output !== `${at}\n` || status !== at % 100)
      throw new Error(`exec ${at} ended with ${status} and wrote ${JSON.stringify(output)}`);
  };
  const count = quick ? 200 : 1_000;
  await one(0);
  const before = process.cpuUsage();
  const from = performance.now();
  let next = 1;
  const worker = async (): Promise<void> => {
    while (next <= count) await one(next++);
  };
  await Promise.all(Array.from({ length: 100 }, worker));
  const took = performance.now() - from;
  const spent = spentSince(before);
  await task.stop({ grace: 1_000 });
  await task.delete();
  await standIn.close();
  return [
    { name: 'exec in a pod, 100 at a time', value: took / count, unit: 'ms', lessIsBetter: true },
    { name: '… processor time', value: spent / count / 1_000, unit: 'ms', lessIsBetter: true },
  ];
};

const eventsPerSecond = 200;

const heap = async (): Promise<number> => {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
};

const running: ApiContainerState = { running: { startedAt: '2026-11-28T08:00:00Z' } };

/** About 3 kB as JSON. */
const podOf = (at: number, state: ApiContainerState): ApiPod => ({
  metadata: {
    name: `job-${at}`,
    namespace: 'bench',
    uid: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
    resourceVersion: String(1_000 + at),
    creationTimestamp: '2026-11-28T08:00:00Z',
    labels: { app: 'bench', 'app.kubernetes.io/managed-by': 'rxshim' },
    annotations: { filler: 'x'.repeat(2_000) },
  },
  spec: {
    nodeName: `node-${at % 100}`,
    containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1'] }],
  },
  status: {
    phase: 'Running',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
    })),
    containerStatuses: [{ name: 'main', state, containerID: `containerd://${String(at).padStart(64, '0')}` }],
  },
});

/** An API server that has so many pods. */
const feed = async (count: number) => {
  let watcher: ServerResponse | undefined;
  const server = createServer(({ url = '' }, response) => {
    const query = new URL(url, 'http://feed').searchParams;
    response.writeHead(200, { 'Content-Type': 'application/json' });
    if (query.has('watch')) {
      watcher = response;
      return void response.flushHeaders();
    }
    const from = Number(query.get('continue') ?? 0);
    const to = Math.min(count, from + Number(query.get('limit')));
    const items = Array.from({ length: to - from }, (_, at) => podOf(from + at, running));
    const metadata = { resourceVersion: '1', continue: to < count ? String(to) : '' };
    response.end(JSON.stringify({ kind: 'PodList', metadata, items }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    end: (at: number): void => {
      const terminated = { exitCode: 0, reason: 'Completed', finishedAt: '2026-11-28T08:00:01Z' };
      watcher?.write(`${JSON.stringify({ type: 'MODIFIED', object: podOf(at, { terminated }) })}\n`);
    },
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
