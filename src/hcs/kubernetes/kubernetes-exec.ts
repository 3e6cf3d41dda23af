/**
 * A container of an existing pod as a compute system, by pods/exec: see `remote/exec-system.ts`.
 */
import { defer, from, map } from 'rxjs';
import type { ComputeSystem } from '../contract/compute-system.js';
import { RxshimError } from '../failures/errors.js';
import { requireKnown } from '../failures/refuse-unknown.js';
import { execSystem } from '../remote/exec-system.js';
import { clusterOf, clusterOptionNames, namespaceOf, requireName, requirePodName } from './api/cluster.js';
import type { ClusterOptions } from './api/cluster-options.js';
import { execSignals } from './exec/exec-signals.js';
import { listPids } from './exec/list-pids.js';
import { startExec } from './exec/start-exec.js';
import { followPod } from './pod/follow-pod.js';
import { getPod } from './pod/pod-calls.js';
import { leave, newPodContext, sharesPids } from './pod/pod-context.js';
import { factsOf } from './pods/pod-facts.js';
import { containerIn } from './pods/pod-standing.js';
import { podStore } from './pods/pod-store.js';
import { podSignals } from './signals.js';

/** A running pod, created by this program or by any other client. */
export interface KubernetesExecOptions extends ClusterOptions {
  readonly pod: string;
  /** Default: the first container of the pod. */
  readonly container?: string;
  /** Default: that of the kubeconfig's context, or `default`. */
  readonly namespace?: string;
}

/**
 * A container of a running pod as a system whose processes are execs. Costs nothing until it is started.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type. Its start fails with `notFound` for a pod or
 *   container that does not exist, and with `failedPrecondition` for one that does not run.
 * @example
 * const { stdout } = await run(kubernetesExec({ pod: 'web' }), ['cat', '/etc/hostname']);
 */
export const kubernetesExec = (options: KubernetesExecOptions): ComputeSystem => {
  const known: readonly string[] = ['pod', 'container', 'namespace', ...clusterOptionNames];
  requireKnown('', options, known);
  const name = requirePodName('pod', options.pod);
  const given = options.container === undefined ? '' : requireName('container', options.container);
  if (options.namespace !== undefined) requireName('namespace', options.namespace);
  const pod = newPodContext(clusterOf(options), name, options.namespace ?? '', given);
  return execSystem({
    id: name,
    name: `pod ${name}`,
    state: pod,
    signals: podSignals,
    find: async () => {
      pod.namespace = namespaceOf(options.namespace, await pod.cluster.access());
      const document = await getPod(pod);
      const facts = factsOf(document);
      const { containers = [] } = document.spec ?? {};
      const all = containers.map((container) => container.name ?? '');
      pod.container = given || (all[0] ?? '');
      if (!all.includes(pod.container))
        throw new RxshimError(
          'notFound',
          `start in pod ${name}: no container ${pod.container} (it has ${all.join(', ')})`,
        );
      if (containerIn(facts, pod.container)?.state.kind !== 'running')
        throw new RxshimError(
          'failedPrecondition',
          `container ${pod.container} of pod ${name} is not running`,
        );
      pod.uid = facts.uid;
      pod.sharesPids = sharesPids(document.spec ?? {});
      const store = podStore({
        cluster: pod.cluster,
        namespace: pod.namespace,
        fieldSelector: `metadata.name=${name}`,
      });
      const followed = followPod(pod, { ...bounds, spec: document.spec ?? {} }, store, facts);
      return { end: followed.exit, stop: () => followed.stop() };
    },
    startProcess: (parameters) => startExec(pod, parameters),
    killMarked: (mark) => execSignals(pod, noPid, mark).tree(sigkill),
    leave: (exit) => leave(pod, exit),
    fresh: () => kubernetesExec(options),
    // Their children cannot be distinguished from those of others.
    pids: (_, started) =>
      defer(() => from(listPids(pod))).pipe(map((pids) => pids.filter((pid) => started.has(pid)))),
  });
};

const [noPid, sigkill] = [0, 9];

/** In milliseconds; its process runs already. */
const bounds = { startTimeout: 60_000, stuckTimeout: 60_000 };
