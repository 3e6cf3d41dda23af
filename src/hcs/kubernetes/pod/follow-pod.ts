/**
 * Follows a pod from its creation to its end: when its process runs, why it cannot, and how it ended.
 *
 * The invariant: both are settled once, and within bounds: a start within `startTimeout`, an exit at the latest
 * `stuckTimeout` after the pod was to have ended, or `reconnectTimeout` after the server was reached last.
 */
import type { Subscription } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { exited, signaled, unknownExit } from '../../contract/exit-code.js';
import { type ErrorKind, messageOf, RxshimError } from '../../failures/errors.js';
import { statusIn } from '../api/api-error.js';
import { startFailure } from '../exec/status.js';
import type { ContainerRun, PodFacts } from '../pods/pod-facts.js';
import {
  causeOf,
  containerIn,
  type PodCause,
  type RestartPolicy,
  type StartTrouble,
  standingOf,
} from '../pods/pod-standing.js';
import type { PodChange, PodStore } from '../pods/pod-store.js';
import type { PodSettings } from './options.js';
import type { PodContext } from './pod-context.js';

export interface FoundExit {
  readonly exit: ProcessExit;
  readonly cause: PodCause;
  /** The pod is gone, or cannot be seen any more. */
  readonly lost: boolean;
}

export interface FollowedPod {
  /** Resolves when its process runs or has run. @throws RxshimError with the cluster's reason, where it does not. */
  readonly started: Promise<void>;
  readonly exit: Promise<FoundExit>;
  stop(): void;
}

export const followPod = (
  pod: PodContext,
  { startTimeout, stuckTimeout, spec }: Pick<PodSettings, 'startTimeout' | 'stuckTimeout' | 'spec'>,
  store: PodStore,
  first: PodFacts,
): FollowedPod => {
  const policy: RestartPolicy = spec.restartPolicy ?? 'Always';
  const timers = timerSet();
  const runs = runCounter(pod);
  let settleStart = (_?: unknown): void => undefined;
  let failStart = (_: unknown): void => undefined;
  let settleExit = (_: FoundExit): void => undefined;
  let trouble: StartTrouble | undefined;
  let isStarted = false;
  let isOver = false;
  let subscription: Subscription | undefined;
  const started = new Promise<unknown>((resolve, reject) => {
    settleStart = resolve;
    failStart = reject;
  }).then(() => undefined);
  started.catch(() => undefined);
  const exit = new Promise<FoundExit>((resolve) => {
    settleExit = resolve;
  });

  const stop = (): void => {
    isOver = true;
    timers.clear();
    subscription?.unsubscribe();
  };
  const begin = (): void => {
    isStarted = true;
    timers.cancel('start');
    settleStart();
  };
  const end = (found: FoundExit): void => {
    if (isOver) return;
    stop();
    failStart(
      new RxshimError(
        'failedPrecondition',
        `start pod ${pod.name}: ${found.exit.kind === 'unknown' ? found.exit.reason : 'it has ended'}`,
      ),
    );
    settleExit(found);
  };
  const lose = (reason: string): void =>
    end({
      exit: unknownExit(reason),
      cause: pod.facts === undefined ? 'deleted' : causeOf(pod.facts, undefined),
      lost: true,
    });
  const refuse = (error: RxshimError): void => {
    if (isStarted || isOver) return;
    failStart(error);
    end({ exit: unknownExit(error.message), cause: 'completed', lost: false });
  };

  const look = (facts: PodFacts): void => {
    pod.facts = facts;
    const container = containerIn(facts, pod.container);
    if (container !== undefined)
      runs.note(container.state.kind === 'terminated' ? container.state : undefined, container.last);
    const standing = standingOf(facts, pod.container, policy);
    switch (standing.kind) {
      case 'waiting':
        trouble = standing.why;
        if (trouble?.isFinal) return refuse(startError(pod.name, trouble));
        break;
      case 'notStarted':
        return refuse(startError(pod.name, standing.run));
      case 'running':
        begin();
        break;
      case 'ended': {
        begin();
        const { run, cause } = standing;
        return end({ exit: exitOf(run, pod.sent), cause, lost: false });
      }
    }
    // From when it was seen: the clock of the cluster may be another.
    if (facts.deletionGrace !== undefined)
      timers.setOnce('stuck', facts.deletionGrace * 1_000 + stuckTimeout, () =>
        lose(stuckReason(pod.name, pod.facts ?? facts)),
      );
  };
  const removed = (facts: PodFacts | undefined, isSeen: boolean): void => {
    if (facts !== undefined) look(facts);
    if (isOver) return;
    lose(
      isSeen
        ? `pod ${pod.name} was deleted by force, before its exit code was known`
        : `pod ${pod.name} was deleted while it could not be watched`,
    );
  };
  const take = (change: PodChange): void => {
    if (isOver) return;
    switch (change.kind) {
      case 'changed':
        return look(change.pod);
      case 'removed':
        return removed(change.pod, change.isSeen);
      case 'connected':
        return timers.cancel('unreachable');
      case 'failing': {
        // Waiting does not give a role the permission that it lacks.
        if (statusIn(change.error) === 403 && !isStarted) return refuse(change.error as RxshimError);
        const why = messageOf(change.error);
        timers.setOnce('unreachable', pod.cluster.reconnectTimeout, () =>
          lose(`pod ${pod.name} cannot be watched any more: ${why}`),
        );
      }
    }
  };

  timers.set('start', startTimeout, () => refuse(startError(pod.name, trouble ?? tooSlow(startTimeout))));
  subscription = store.follow(first.uid).subscribe(take);
  if (!isOver) look(pod.facts ?? first);
  if (isOver) subscription.unsubscribe();
  return { started, exit, stop };
};

/** A code above 128 is that of a signal only where this program has sent that signal: a cluster does not say. */
export const exitOf = ({ code }: ContainerRun, sent: ReadonlySet<number>): ProcessExit =>
  sent.has(code - 128) ? signaled(code - 128) : exited(code);

/** The same with the time of the end, in whole seconds. */
export const exitAt = (run: ContainerRun, sent: ReadonlySet<number>): ProcessExit => {
  const at = Date.parse(run.finishedAt ?? '');
  return at > 0 ? { ...exitOf(run, sent), at } : exitOf(run, sent);
};

const tooSlow = (timeout: number): StartTrouble => ({
  reason: 'Timeout',
  message: `it was not started within ${timeout} ms`,
  isFinal: false,
});

/** The error of a failed start, in the words of the cluster. */
const startError = (
  name: string,
  { reason, message }: { readonly reason: string; readonly message: string },
): RxshimError => {
  const what = `start pod ${name}: ${reason}`;
  if (reason === 'StartError' || reason === 'ContainerCannotRun' || reason === 'RunContainerError')
    return startFailure(what, message);
  const kind = kinds.find(([pattern]) => pattern.test(reason))?.[1] ?? 'failedPrecondition';
  return new RxshimError(kind, message === '' ? what : `${what}: ${message}`);
};

const kinds: readonly (readonly [RegExp, ErrorKind])[] = [
  [/^InvalidImageName$/, 'invalidArgument'],
  [/Image/, 'notFound'],
  [/^(Unschedulable|Timeout|Evicted|Preempt|NodeLost)/, 'unavailable'],
];

const stuckReason = (name: string, { isHeld, nodeLost, disruption, node }: PodFacts): string => {
  if (nodeLost || disruption === 'DeletionByTaintManager')
    return `the node ${node ?? ''} of pod ${name} is lost, and its exit with it`;
  return isHeld
    ? `the deletion of pod ${name} is held up by a finalizer, and its exit is not known`
    : `the deletion of pod ${name} is stuck, and its exit is not known`;
};

/** Reports each end of the container once: those of runs that were restarted between two changes, too. */
const runCounter = (pod: PodContext) => {
  const seen = new Set<string>();
  const one = (run: ContainerRun | undefined): void => {
    const key = run?.id ?? run?.finishedAt;
    if (run === undefined || key === undefined || seen.has(key)) return;
    seen.add(key);
    if (run.reason === 'OOMKilled') pod.oom$.next();
    pod.runs$.next(run);
  };
  return {
    note: (current: ContainerRun | undefined, last: ContainerRun | undefined): void => {
      one(last);
      one(current);
    },
  };
};

const timerSet = () => {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const cancel = (name: string): void => {
    clearTimeout(timers.get(name));
    timers.delete(name);
  };
  const set = (name: string, ms: number, act: () => void): void => {
    cancel(name);
    timers.set(name, setTimeout(act, Math.min(ms, 2 ** 31 - 1)));
  };
  return {
    set,
    setOnce: (name: string, ms: number, act: () => void): void => {
      if (!timers.has(name)) set(name, ms, act);
    },
    cancel,
    clear: (): void => {
      for (const name of [...timers.keys()]) cancel(name);
    },
  };
};
