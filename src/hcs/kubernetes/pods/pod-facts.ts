/**
 * The facts that are kept of a pod: its progress and how its containers ended, in a few hundred bytes instead of the many
 * thousands of the API's document.
 */
import type { ApiContainerStatus, ApiPod, ApiTerminated } from './api-pod.js';

/** How far a pod is. */
export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly node: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** If it is being deleted: its grace in seconds. The time itself is that of another clock. */
  readonly deletionGrace: number | undefined;
  /** Whether a finalizer holds it. */
  readonly isHeld: boolean;
  /** The reason of the whole pod: `Evicted`, `DeadlineExceeded`… with its message. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** Why it cannot be scheduled, if it cannot. */
  readonly unschedulable: string | undefined;
  /** Why the cluster ended it: the reason of DisruptionTarget. */
  readonly disruption: string | undefined;
  /** Its node has not reported for a while. */
  readonly nodeLost: boolean;
  readonly containers: readonly ContainerFacts[];
}

/** How far a container is. */
export interface ContainerFacts {
  readonly name: string;
  /** The id of the current or latest run. */
  readonly id: string | undefined;
  readonly restarts: number;
  readonly state: ContainerState;
  /** The end of the run before, the only one that is kept by a cluster. */
  readonly last: ContainerRun | undefined;
}

/** The state of a container as its cluster reports it now. */
export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running' }
  | ({ readonly kind: 'terminated' } & ContainerRun);

/** One run of a container that has ended. */
export interface ContainerRun {
  readonly id: string | undefined;
  readonly code: number;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`… */
  readonly reason: string;
  readonly message: string;
  /** RFC 3339, in whole seconds. */
  readonly finishedAt: string | undefined;
}

export const factsOf = ({ metadata = {}, spec, status = {} }: ApiPod): PodFacts => {
  const condition = (type: string) => status.conditions?.find((each) => each.type === type);
  const scheduled = condition('PodScheduled');
  const disruption = condition('DisruptionTarget');
  const ready = condition('Ready');
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    phase: interned(status.phase ?? ''),
    node: interned(spec?.nodeName),
    labels: metadata.labels ?? none,
    deletionGrace:
      metadata.deletionTimestamp === undefined ? undefined : (metadata.deletionGracePeriodSeconds ?? 0),
    isHeld: (metadata.finalizers?.length ?? 0) > 0,
    reason: interned(status.reason),
    message: status.message,
    unschedulable:
      scheduled?.status === 'False' && scheduled.reason !== 'SchedulingGated'
        ? (scheduled.message ?? scheduled.reason ?? 'unschedulable')
        : undefined,
    disruption: disruption?.status === 'True' ? interned(disruption.reason ?? 'DisruptionTarget') : undefined,
    nodeLost: ready?.status === 'False' && ready.reason === 'NodeStatusUnknown',
    containers: [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].map(
      containerOf,
    ),
  };
};

const none: Readonly<Record<string, string>> = {};

const containerOf = (status: ApiContainerStatus): ContainerFacts => ({
  name: interned(status.name),
  id: status.containerID,
  restarts: status.restartCount ?? 0,
  state: stateOf(status),
  last: status.lastState?.terminated && runOf(status.lastState.terminated),
});

const stateOf = ({ state = {} }: ApiContainerStatus): ContainerState => {
  if (state.terminated) return { kind: 'terminated', ...runOf(state.terminated) };
  if (state.running) return running;
  return {
    kind: 'waiting',
    reason: interned(state.waiting?.reason ?? ''),
    message: state.waiting?.message ?? '',
  };
};

const running: ContainerState = { kind: 'running' };

const runOf = ({ exitCode, reason, message, finishedAt, containerID }: ApiTerminated): ContainerRun => ({
  id: containerID,
  code: exitCode,
  reason: interned(reason ?? ''),
  message: message?.trim() ?? '',
  finishedAt,
});

const words = new Map<string, string>();

/** The same word of thousands of pods is kept once. */
function interned(word: string): string;
function interned(word: string | undefined): string | undefined;
function interned(word: string | undefined): string | undefined {
  if (word === undefined || word.length > 64) return word;
  const known = words.get(word);
  if (known !== undefined) return known;
  // The names of nodes come and go.
  if (words.size > 10_000) words.clear();
  words.set(word, word);
  return word;
}
