/** Runs specs over a cluster: the stand-in, which ends with the file, or the one of `npm run test:kubernetes`. */
import { afterAll, beforeAll } from '@jest/globals';
import { type KubernetesOptions, type KubernetesPod, kubernetes } from '../../../src/hcs/kubernetes/index.js';
import { createTask, type Task, type TaskOptions } from '../../../src/index.js';
import { proxiedCluster } from '../../support/kubernetes/proxied-cluster.js';
import { type StandInOptions, startStandIn } from '../../support/kubernetes/stand-in.js';
import { realCluster, type TestCluster } from '../../support/kubernetes/test-cluster.js';
import { lackAsRoot } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';

export interface OnCluster {
  readonly cluster: () => TestCluster;
  /** How it is reached: `server`, `namespace`. */
  readonly place: () => { readonly server: string; readonly namespace: string };
  pod(options?: Partial<KubernetesOptions>): KubernetesPod;
  /** A task that runs, and its pod. */
  task(
    options?: Partial<KubernetesOptions>,
    more?: Partial<TaskOptions>,
  ): Promise<{ readonly task: Task; readonly pod: KubernetesPod }>;
  /** Resolves when no pod is left. A deletion takes a moment to be carried out; a pod that is not deleted stays. */
  noneLeft(): Promise<void>;
}

const real = realCluster();

/** Whether the cluster speaks v5; a fact of it that the names of specs depend on. */
export const speaksV5 = real?.speaksV5 ?? true;

/** The image of pods that a spec specifies itself. */
export const testImage = real?.image ?? 'busybox';

export const onCluster = (
  title: string,
  specs: (on: OnCluster) => void,
  standInOptions: StandInOptions = {},
): void => {
  const { hasShell = true } = standInOptions;
  const image = hasShell ? real?.image : real?.imageWithoutShell;
  const lack =
    real === undefined
      ? lackAsRoot('unshare', 'nsenter')
      : image === undefined
        ? 'needs --image-without-shell'
        : undefined;
  describeWith(lack)(title, () => {
    let found: TestCluster | undefined;
    beforeAll(async () => {
      found = real === undefined ? await startStandIn(standInOptions) : await proxiedCluster(real);
    });
    afterAll(() => found?.close());
    const cluster = (): TestCluster => found as TestCluster;
    const place = () => ({ server: cluster().server, namespace: cluster().namespace });
    const pod = (options: Partial<KubernetesOptions> = {}): KubernetesPod =>
      kubernetes({
        ...place(),
        ...(options.podSpec === undefined && {
          image: image ?? cluster().image,
          terminationGracePeriodSeconds: 1,
        }),
        ...options,
      });
    let count = 0;
    specs({
      cluster,
      place,
      pod,
      task: async (options, more) => {
        const system = pod(options);
        const task = await createTask({ id: `t${count++}`, system, ...more });
        await task.init.start();
        return { task, pod: system };
      },
      noneLeft: async () => {
        while ((await cluster().podNames()).length > 0)
          await new Promise((resolve) => setTimeout(resolve, 20));
      },
    });
  });
};
