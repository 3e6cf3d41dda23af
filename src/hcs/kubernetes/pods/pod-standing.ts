/**
 * Derives from the facts of a pod whether the process of one of its containers waits, runs, cannot be started, or has ended,
 * and how. Pure.
 *
 * The invariant: an exit code is one that the cluster has read from the container. The phase is never waited for: it
 * follows a second later. A pod that was removed without one is lost.
 */
import type { ContainerFacts, ContainerRun, PodFacts } from './pod-facts.js';

/** Why a pod ended. */
export type PodCause =
  | 'completed'
  | 'oomKilled'
  | 'evicted'
  | 'preempted'
  | 'deadlineExceeded'
  | 'nodeLost'
  | 'deleted';

export type Standing =
  | { readonly kind: 'waiting'; readonly why: StartTrouble | undefined }
  | { readonly kind: 'running' }
  | { readonly kind: 'notStarted'; readonly run: ContainerRun }
  | { readonly kind: 'ended'; readonly run: ContainerRun; readonly cause: PodCause };

export interface StartTrouble {
  readonly reason: string;
  readonly message: string;
  /** It cannot start any more, whatever comes. */
  readonly isFinal: boolean;
}

export type RestartPolicy = 'Never' | 'OnFailure' | 'Always';

export const containerIn = (pod: PodFacts, name: string): ContainerFacts | undefined =>
  pod.containers.find((container) => container.name === name);

export const standingOf = (pod: PodFacts, name: string, policy: RestartPolicy): Standing => {
  const container = containerIn(pod, name);
  const hasEnded = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  if (container === undefined)
    return hasEnded
      ? { kind: 'notStarted', run: unstarted(pod) }
      : {
          kind: 'waiting',
          why: pod.unschedulable === undefined ? undefined : trouble('Unschedulable', pod.unschedulable),
        };
  const { state, last } = container;
  if (state.kind === 'running') return { kind: 'running' };
  if (state.kind === 'waiting') {
    if (last !== undefined && isStartError(last) && policy !== 'Never')
      return { kind: 'waiting', why: trouble(last.reason, last.message) };
    if (container.restarts > 0) return { kind: 'running' };
    // An init container failed, or the pod was ended before this container began.
    if (hasEnded) return { kind: 'notStarted', run: unstarted(pod) };
    return { kind: 'waiting', why: waitingTrouble(pod, state.reason, state.message) };
  }
  if (isStartError(state)) return { kind: 'notStarted', run: state };
  const willRestart =
    !hasEnded &&
    pod.deletionGrace === undefined &&
    (policy === 'Always' || (policy === 'OnFailure' && state.code !== 0));
  return willRestart ? { kind: 'running' } : { kind: 'ended', run: state, cause: causeOf(pod, state) };
};

/** The container runtime could not start the process. */
const isStartError = ({ reason, code }: ContainerRun): boolean =>
  code === 128 && (reason === 'StartError' || reason === 'ContainerCannotRun');

const unstarted = ({ reason, message, containers }: PodFacts): ContainerRun => {
  const failed = containers.find(({ state }) => state.kind === 'terminated' && state.code !== 0);
  const run = failed?.state.kind === 'terminated' ? failed.state : undefined;
  return {
    id: undefined,
    code: run?.code ?? -1,
    reason: reason ?? (run === undefined ? 'Failed' : 'InitContainerFailed'),
    message: message ?? (run === undefined ? '' : `${failed?.name} ended with ${run.code}`),
    finishedAt: run?.finishedAt,
  };
};

const waitingTrouble = (pod: PodFacts, reason: string, message: string): StartTrouble | undefined => {
  if (reason === '' || reason === 'ContainerCreating' || reason === 'PodInitializing') {
    // The container waits for one before it that cannot be started.
    const blocked = pod.containers.find(
      ({ state }) => state.kind === 'waiting' && /^(Err|Image|Create|Run|Invalid)/.test(state.reason),
    );
    return blocked?.state.kind === 'waiting'
      ? trouble(blocked.state.reason, blocked.state.message)
      : undefined;
  }
  return trouble(reason, message);
};

/** These never end by themselves. Others may, when an image, a node or a ConfigMap comes. */
const final = new Set(['InvalidImageName', 'ErrImageNeverPull']);

const trouble = (reason: string, message: string): StartTrouble => ({
  reason,
  message,
  isFinal: final.has(reason),
});

export const causeOf = (
  { reason, disruption, deletionGrace }: PodFacts,
  run: ContainerRun | undefined,
): PodCause => {
  if (run?.reason === 'OOMKilled' && run.code !== 0) return 'oomKilled';
  if (reason === 'DeadlineExceeded') return 'deadlineExceeded';
  if (reason === 'Evicted') return 'evicted';
  if (reason === 'Preempting' || reason === 'Preempted') return 'preempted';
  if (reason === 'NodeLost') return 'nodeLost';
  if (disruption !== undefined) return byDisruption[disruption] ?? 'evicted';
  return deletionGrace === undefined ? 'completed' : 'deleted';
};

const byDisruption: Readonly<Record<string, PodCause>> = {
  PreemptionByScheduler: 'preempted',
  PreemptionByKubeScheduler: 'preempted',
  DeletionByTaintManager: 'nodeLost',
  DeletionByPodGC: 'nodeLost',
  EvictionByEvictionAPI: 'evicted',
  TerminationByKubelet: 'evicted',
};
