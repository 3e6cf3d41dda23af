/** The pods that rxshim has created in a cluster, by the labels that it gave them: for `listTasks`, `adoptTask` and `reap`. */
import { defer, from, ignoreElements, type Observable } from 'rxjs';
import { uninterruptible } from '../../../operators/uninterruptible.js';
import { type Ownership, ownershipOf } from '../../contract/ownership.js';
import type { ListedState, ListedTask, TaskRegistry } from '../../contract/task-registry.js';
import { RxshimError } from '../../failures/errors.js';
import { requireKnown } from '../../failures/refuse-unknown.js';
import { isGone } from '../../native/process/program-identity.js';
import { backoff, pause } from '../../remote/pause.js';
import { statusIn } from '../api/api-error.js';
import { clusterOf, clusterOptionNames, namespaceOf, requireName } from '../api/cluster.js';
import type { ClusterOptions } from '../api/cluster-options.js';
import { exitAt } from '../pod/follow-pod.js';
import type { KubernetesPod } from '../pod/kubernetes-pod.js';
import { podAnnotations, podLabels } from '../pod/options.js';
import { deletePod, getPod } from '../pod/pod-calls.js';
import { newPodContext, type PodContext } from '../pod/pod-context.js';
import { shortestGrace } from '../pod/signal-pod.js';
import type { ApiPod } from '../pods/api-pod.js';
import { listPods } from '../pods/list-pods.js';
import { factsOf } from '../pods/pod-facts.js';
import { type Standing, standingOf } from '../pods/pod-standing.js';
import { type PodsChange, podStore } from '../pods/pod-store.js';

/** Which pods. */
export interface KubernetesRegistryOptions extends ClusterOptions {
  /** Default: that of the kubeconfig's context, or `default`. */
  readonly namespace?: string;
}

/** The registry of a namespace. */
export interface KubernetesRegistry extends TaskRegistry {
  /** The system of a pod, by its name, whichever client has created it. */
  system(id: string): KubernetesPod;
  /**
   * The pods of rxshim in the namespace, all of them first and then each change, over one watch that all subscribers
   * share. It does not end by itself, and goes on after lost connections. Fails with `permissionDenied` where a role does
   * not allow to list or watch pods.
   *
   * @example
   * registry.pods$.subscribe((change) => console.log(change.kind === 'listed' ? change.pods.length : change.pod.phase));
   */
  readonly pods$: Observable<PodsChange>;
}

export const registryOf = (
  given: KubernetesRegistryOptions,
  system: (id: string) => KubernetesPod,
): KubernetesRegistry => {
  requireKnown('', given, ['namespace', ...clusterOptionNames]);
  const { namespace, ...options } = given;
  if (namespace !== undefined) requireName('namespace', namespace);
  const cluster = clusterOf(options);
  const selection = { cluster, namespace, labelSelector: `${podLabels.managedBy}=rxshim` };
  const context = async (name: string): Promise<PodContext> =>
    newPodContext(cluster, name, namespaceOf(namespace, await cluster.access()), '');
  const list = async (): Promise<readonly ListedTask[]> => {
    const tasks: ListedTask[] = [];
    await listPods(selection, undefined, (pod) => tasks.push(taskOf(pod)));
    return tasks;
  };
  return {
    pods$: defer(() => podStore(selection).changes$),
    list: () => defer(() => from(list())),
    system,
    remove: (id) => defer(() => from(context(id).then(removed))).pipe(ignoreElements(), uninterruptible()),
  };
};

/** Resolves when it is gone: until then its name cannot be used again, and a list still has it. */
const removed = async (pod: PodContext): Promise<void> => {
  const next = backoff(50, 1_000);
  const deadline = Date.now() + stuckTimeout;
  for (;;) {
    const uid = await getPod(pod).then(
      ({ metadata }) => metadata?.uid,
      (error) => {
        if (statusIn(error) === 404) return undefined;
        throw error;
      },
    );
    if (uid === undefined || (pod.uid !== undefined && uid !== pod.uid)) return;
    if (pod.uid === undefined) {
      pod.uid = uid;
      await deletePod(pod, shortestGrace);
    }
    if (Date.now() > deadline)
      throw new RxshimError('unavailable', `remove pod ${pod.name}: its deletion does not end`);
    await pause(next());
  }
};

/** In milliseconds. */
const stuckTimeout = 60_000;

const taskOf = (pod: ApiPod): ListedTask => {
  const { metadata = {}, spec } = pod;
  const facts = factsOf(pod);
  const container = metadata.annotations?.[podAnnotations.container] ?? spec?.containers?.[0]?.name ?? '';
  const standing = standingOf(facts, container, spec?.restartPolicy ?? 'Always');
  const createdAt = Date.parse(metadata.creationTimestamp ?? '');
  const ownership = ownershipIn(pod, createdAt);
  return {
    id: facts.name,
    state: states[standing.kind],
    labels: facts.labels,
    ...(ownership && { ownership }),
    ...(createdAt > 0 && { createdAt }),
    ...(standing.kind === 'ended' && { exit: exitAt(standing.run, new Set()) }),
  };
};

const states: Readonly<Record<Standing['kind'], ListedState>> = {
  waiting: 'creating',
  running: 'running',
  ended: 'exited',
  notStarted: 'exited',
};

/** A pod whose program has certainly ended has expired, whatever time it was given: no program looks after it. */
const ownershipIn = ({ metadata = {} }: ApiPod, createdAt: number): Ownership | undefined => {
  const ownership = ownershipOf(metadata.labels);
  const program = metadata.annotations?.[podAnnotations.program];
  if (ownership === undefined || program === undefined || !isGone(program)) return ownership;
  return { ...ownership, expiresAt: createdAt > 0 ? createdAt : 0 };
};
