/** A pod of a simulated cluster: its document as the API has it, and what is true of it. */
import type {
  ApiContainerState,
  ApiContainerStatus,
  ApiPod,
} from '../../../src/hcs/kubernetes/pods/api-pod.js';
import type { podActs } from './scenario.js';

/** Times are those of the client: when it read it first. */
export interface Truth {
  readonly createdAt: number;
  /** How its last run ended. */
  end: { readonly code: number; readonly id: string } | undefined;
  endReadAt: number;
  runReadAt: number;
  refusedReadAt: number;
  deletionReadAt: number;
  removedReadAt: number;
  /** A list was read in which it was missing. */
  missedAt: number;
  grace: number;
  /** The ends before the last one that it has read. */
  readonly earlierRuns: Set<string>;
}

export interface SimPod {
  readonly name: string;
  readonly uid: string;
  readonly truth: Truth;
  document(): ApiPod;
  /** The type of the event that it makes, if it can. */
  act(does: (typeof podActs)[number], code: number): 'MODIFIED' | 'DELETED' | undefined;
  wasRead(document: ApiPod, now: number): void;
  wasListed(names: ReadonlySet<string>, now: number): void;
}

const never = Number.POSITIVE_INFINITY;

export const simPod = (number: number, restarts: boolean, createdAt: number): SimPod => {
  const [name, uid] = [`pod-${number}`, `uid-${number}`];
  let phase = 'Pending';
  let state: ApiContainerState = { waiting: { reason: 'ContainerCreating' } };
  let last: ApiContainerState | undefined;
  let run = 0;
  let deletion: number | undefined;
  let isGone = false;
  const truth: Truth = {
    createdAt,
    end: undefined,
    endReadAt: never,
    runReadAt: never,
    refusedReadAt: never,
    deletionReadAt: never,
    removedReadAt: never,
    missedAt: never,
    grace: 0,
    earlierRuns: new Set(),
  };
  const id = (): string => `containerd://${number}-${run}`;
  const ended = (exitCode: number, reason: string): ApiContainerState => ({
    terminated: { exitCode, reason, finishedAt: '2026-11-28T08:00:00Z', containerID: id() },
  });
  const acts = {
    run: () => {
      if (state.waiting === undefined) return false;
      state = { running: {} };
      phase = 'Running';
      return true;
    },
    /** The end of a run that is followed by another at once. */
    restart: (code: number) => {
      if (!restarts || state.running === undefined || deletion !== undefined) return false;
      last = ended(code || 1, 'Error');
      run += 1;
      state = { waiting: { reason: 'CrashLoopBackOff' } };
      return true;
    },
    exit: (code: number) => {
      if (state.running === undefined) return false;
      // Another end is that of a run which is restarted.
      const final = restarts && deletion === undefined ? 0 : code;
      state = ended(final, final === 0 ? 'Completed' : 'Error');
      truth.end = { code: final, id: id() };
      return true;
    },
    startError: () => {
      if (state.waiting === undefined || restarts) return false;
      state = ended(128, 'StartError');
      return true;
    },
    finish: () => {
      if (state.terminated === undefined) return false;
      phase = state.terminated.exitCode === 0 ? 'Succeeded' : 'Failed';
      return true;
    },
    delete: () => {
      if (deletion !== undefined) return false;
      deletion = 30;
      truth.grace = deletion;
      return true;
    },
    gone: () => {
      if (deletion === undefined && state.terminated === undefined) return false;
      if (state.running !== undefined) return false;
      isGone = true;
      return true;
    },
    /** The removal is the first to have its end. */
    exitGone: (code: number) => {
      if (deletion === undefined || !acts.exit(code)) return false;
      isGone = true;
      return true;
    },
    /** Without its end: the kubelet has not reported it. */
    force: () => {
      isGone = true;
      return true;
    },
  } as const;

  return {
    name,
    uid,
    truth,
    document: () => {
      const status: ApiContainerStatus = {
        name: 'c',
        state,
        restartCount: run,
        containerID: id(),
        ...(last && { lastState: last }),
      };
      return {
        metadata: {
          name,
          uid,
          ...(isGone && { annotations: { gone: 'true' } }),
          ...(deletion !== undefined && {
            deletionTimestamp: '2026-11-28T08:00:30Z',
            deletionGracePeriodSeconds: deletion,
          }),
        },
        spec: { restartPolicy: restarts ? 'OnFailure' : 'Never' },
        status: { phase, containerStatuses: [status] },
      };
    },
    act: (does, code) => {
      if (isGone || !acts[does](code)) return undefined;
      return isGone ? 'DELETED' : 'MODIFIED';
    },
    wasRead: ({ metadata, status }, now) => {
      const [container] = status?.containerStatuses ?? [];
      const first = (
        key: 'endReadAt' | 'runReadAt' | 'refusedReadAt' | 'deletionReadAt' | 'removedReadAt',
      ): void => {
        truth[key] = Math.min(truth[key], now);
      };
      const earlier = container?.lastState?.terminated?.containerID;
      if (earlier !== undefined) truth.earlierRuns.add(earlier);
      if (container?.state?.running !== undefined) first('runReadAt');
      if (container?.state?.terminated?.reason === 'StartError') first('refusedReadAt');
      else if (container?.state?.terminated !== undefined) first('endReadAt');
      if (metadata?.deletionTimestamp !== undefined) first('deletionReadAt');
      if (metadata?.annotations?.['gone'] !== undefined) first('removedReadAt');
    },
    wasListed: (names, now) => {
      if (!names.has(uid)) truth.missedAt = Math.min(truth.missedAt, now);
    },
  };
};
