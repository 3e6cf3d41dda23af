/** Runs specs over a stand-in cluster that ends with the file. */
import { afterAll, beforeAll } from '@jest/globals';
import { type KubernetesOptions, type KubernetesPod, kubernetes } from '../../../src/hcs/kubernetes/index.js';
import { createTask, type Task, type TaskOptions } from '../../../src/index.js';
import { type StandIn, type StandInOptions, startStandIn } from '../../support/kubernetes/stand-in.js';
import { lackAsRoot } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';

export interface OnStandIn {
  readonly cluster: () => StandIn;
  pod(options?: Partial<KubernetesOptions>): KubernetesPod;
  /** A task that runs, and its pod. */
  task(
    options?: Partial<KubernetesOptions>,
    more?: Partial<TaskOptions>,
  ): Promise<{ readonly task: Task; readonly pod: KubernetesPod }>;
}

export const onStandIn = (
  title: string,
  specs: (on: OnStandIn) => void,
  standInOptions: StandInOptions = {},
): void =>
  describeWith(lackAsRoot('unshare', 'nsenter'))(title, () => {
    let standIn: StandIn | undefined;
    beforeAll(async () => {
      standIn = await startStandIn(standInOptions);
    });
    afterAll(() => standIn?.close());
    const cluster = (): StandIn => standIn as StandIn;
    const pod = (options: Partial<KubernetesOptions> = {}): KubernetesPod =>
      kubernetes({
        server: cluster().server,
        ...(options.podSpec === undefined && { image: 'busybox', terminationGracePeriodSeconds: 1 }),
        ...options,
      });
    let count = 0;
    specs({
      cluster,
      pod,
      task: async (options, more) => {
        const system = pod(options);
        const task = await createTask({ id: `t${count++}`, system, ...more });
        await task.init.start();
        return { task, pod: system };
      },
    });
  });
