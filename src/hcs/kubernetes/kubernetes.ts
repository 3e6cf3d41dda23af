/**
 * A pod of a cluster as a compute system: the process of its main container is the init, pods/exec its execs.
 *
 * `create` describes the pod, `start` creates it and waits until its process runs, and further processes come by
 * pods/exec. Its end is seen by a watch that all pods of a program share (`pods/pod-store.ts`).
 */
import { AsyncSubject, defer, firstValueFrom, from, ignoreElements, type Subscription } from 'rxjs';
import { uninterruptible } from '../../operators/uninterruptible.js';
import { act } from '../contract/act.js';
import type { AdoptedSystem, AdoptRequest } from '../contract/adoption.js';
import type { Act, ComputeProcess } from '../contract/compute-process.js';
import type { ComputeSystem } from '../contract/compute-system.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import { RxshimError } from '../failures/errors.js';
import { isSettledWithin } from '../remote/pause.js';
import { systemExitOf } from '../remote/system-exit.js';
import { adoptPod } from './adopt/adopt-pod.js';
import { type KubernetesRegistry, type KubernetesRegistryOptions, registryOf } from './adopt/registry.js';
import { namespaceOf } from './api/cluster.js';
import { listPids } from './exec/list-pids.js';
import { startExec } from './exec/start-exec.js';
import { podEvents } from './facts/events.js';
import { podLogs } from './facts/logs.js';
import { podStats } from './facts/stats.js';
import { type FollowedPod, type FoundExit, followPod } from './pod/follow-pod.js';
import { type InitOutput, initOutput } from './pod/init-output.js';
import { numberInit } from './pod/init-pid.js';
import { type InitProcess, initProcess } from './pod/init-process.js';
import type { KubernetesPod } from './pod/kubernetes-pod.js';
import { type KubernetesOptions, type PodSettings, resolveOptions } from './pod/options.js';
import { createPod, deletePod } from './pod/pod-calls.js';
import { enter, leave, newPodContext, type PodContext, sharesPids } from './pod/pod-context.js';
import { type DescribedPod, describePod } from './pod/pod-document.js';
import { killPod, signalPod } from './pod/signal-pod.js';
import { factsOf } from './pods/pod-facts.js';
import type { PodCause } from './pods/pod-standing.js';
import { podStore } from './pods/pod-store.js';
import { podSignals } from './signals.js';

/**
 * A pod that `start` creates. Costs nothing until then.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type, by its name.
 * @example
 * const system = kubernetes({ image: 'busybox', namespace: 'jobs' });
 * const task = await createTask({ id: 'hello', system, spec: { args: ['echo', 'hello'] }, stdio: { stdout: 'pipe' } });
 * await task.init.start();
 */
export const kubernetes = (options: KubernetesOptions): KubernetesPod =>
  // There can be but one pod of a given name.
  podOf(resolveOptions(options), options.name === undefined ? () => kubernetes(options) : undefined);

/**
 * The pods of a namespace, for `listTasks`, `adoptTask` and `reap`. Its `system` takes any pod, by name.
 *
 * @example
 * const registry = kubernetesRegistry({ namespace: 'jobs' });
 * const task = await adoptTask({ id: 'web', system: registry.system('web'), stdio: { stdout: 'pipe' } });
 */
export const kubernetesRegistry = (options: KubernetesRegistryOptions = {}): KubernetesRegistry =>
  // Only its name is needed from here on, not the options of its creation.
  registryOf(options, (name) => podOf(resolveOptions({ ...options, image: 'adopted', name }), undefined));

interface Created {
  readonly described: DescribedPod;
  readonly output: InitOutput;
  readonly process: InitProcess;
}

const podOf = (settings: PodSettings, fresh: (() => KubernetesPod) | undefined): KubernetesPod => {
  const { cluster, name, container } = settings;
  const pod = newPodContext(cluster, name, settings.namespace ?? 'default', container);
  pod.sharesPids = sharesPids(settings.spec);
  const cause$ = new AsyncSubject<PodCause>();
  let created: Created | undefined;
  let followed: FollowedPod | undefined;

  const create = (parameters: ProcessParameters): ComputeProcess => {
    if (created !== undefined || pod.phase !== 'new')
      throw new RxshimError('failedPrecondition', `pod ${name} was created already`);
    const described = describePod(settings, parameters);
    const output = initOutput(pod, described);
    const { CreateStdOutPipe: stdout = false, CreateStdErrPipe: stderr = false } = parameters;
    const process = initProcess(pod, output, described, { stdout, stderr });
    created = { described, output, process };
    return process;
  };

  const start = async (): Promise<void> => {
    if (created === undefined) throw new RxshimError('failedPrecondition', `pod ${name} was not created`);
    if (pod.phase !== 'new')
      throw new RxshimError('failedPrecondition', `pod ${name} has ended or was started already`);
    pod.phase = 'creating';
    const { described, output, process } = created;
    const store = podStore({ cluster, namespace: settings.namespace, labelSelector: settings.selector });
    // Watched before it exists, so that the watch is open when it begins.
    const watching: Subscription = store.watching$.subscribe();
    try {
      pod.namespace = namespaceOf(settings.namespace, await cluster.access());
      const answer = await createPod(pod, described.document);
      pod.uid = answer.metadata?.uid;
      followed = followPod(pod, settings, store, factsOf(answer));
    } catch (error) {
      leave(pod, { reason: 'ended' });
      throw error;
    } finally {
      watching.unsubscribe();
    }
    const { exit, started } = followed;
    void exit.then((found) => end(pod, process, found, cause$));
    // Its end was requested while it was being created.
    if (pod.ending) await killPod(pod).catch(() => undefined);
    try {
      await started;
      enter(pod);
      await numberInit(pod);
      await output.connect(exit);
    } catch (error) {
      await undone(pod);
      throw error;
    }
  };

  const adopt = async (request: AdoptRequest = {}): Promise<AdoptedSystem> => {
    if (created !== undefined || pod.phase !== 'new')
      throw new RxshimError('failedPrecondition', `pod ${name} is in use already`);
    pod.namespace = namespaceOf(settings.namespace, await cluster.access());
    const adopted = await adoptPod(pod, request, settings.stuckTimeout);
    followed = adopted.followed;
    void followed.exit.then((found) => end(pod, adopted.process, found, cause$));
    return adopted.system;
  };

  const terminate = (): Act => defer(() => from(killPod(pod))).pipe(ignoreElements(), uninterruptible());

  return {
    id: name,
    podName: name,
    get uid() {
      return pod.uid;
    },
    get facts() {
      return pod.facts;
    },
    os: 'linux',
    isOci: true,
    initInDocument: 'unlessDescribed',
    takesDescriptors: false,
    signals: podSignals,
    exit$: pod.exit$.asObservable(),
    oom$: defer(() => pod.oom$),
    runs$: defer(() => pod.runs$),
    gaps$: defer(() => pod.gaps$),
    stats$: podStats(pod),
    events$: podEvents(pod),
    logs$: podLogs(pod),
    cause$: cause$.asObservable(),
    create: (parameters) => defer(() => [create(parameters)]),
    start: () => defer(() => from(start())).pipe(ignoreElements(), uninterruptible()),
    createProcess: (parameters, _, identity) => startExec(pod, parameters, identity?.id),
    adopt: (request) => defer(() => from(adopt(request))),
    shutdown: () =>
      defer(() => from(pod.phase === 'running' ? shutDown(pod) : killPod(pod))).pipe(
        ignoreElements(),
        uninterruptible(),
      ),
    terminate,
    close: () =>
      act(() => {
        followed?.stop();
        leave(pod, { reason: 'closed' });
        pod.isClosed = true;
        pod.closed$.next();
      }),
    delete: () => defer(() => from(remove(pod))).pipe(ignoreElements(), uninterruptible()),
    signalAll: (signal) => defer(() => from(signalPod(pod, signal, 'all'))),
    ...(fresh && { fresh }),
    pids: () => defer(() => from(listPids(pod))),
  } satisfies ComputeSystem & KubernetesPod;
};

/** With the grace of its specification: the cluster sends SIGTERM, and SIGKILL when that is over. */
const shutDown = async (pod: PodContext): Promise<void> => {
  pod.ending = true;
  pod.sent.add(15).add(9);
  await deletePod(pod);
};

/** Execs end with their container, and are reported a little before or after it: their exits come first. */
const end = async (
  pod: PodContext,
  process: InitProcess,
  { exit, lost, cause }: FoundExit,
  cause$: AsyncSubject<PodCause>,
): Promise<void> => {
  if (pod.exit$.isStopped) return;
  pod.phase = 'ended';
  cause$.next(cause);
  cause$.complete();
  process.ended(exit);
  await isSettledWithin(Promise.allSettled([...pod.execs]), graceForExecs);
  leave(pod, systemExitOf({ exit, lost }));
};

/** In milliseconds. */
const graceForExecs = 1_000;

/** A pod whose start has failed is not left in the cluster. */
const undone = async (pod: PodContext): Promise<void> => {
  await deletePod(pod, 1).catch(() => undefined);
};

/** Deletes what is left of it; completes when the cluster has taken the request, as its watch has ended. */
const remove = async (pod: PodContext): Promise<void> => {
  if (pod.phase !== 'ended') {
    await killPod(pod);
    await firstValueFrom(pod.exit$);
  }
  await deletePod(pod);
};
