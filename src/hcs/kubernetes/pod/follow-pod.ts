/**
 * Follows a pod from its creation to its end: when its process runs, why it cannot, and how it ended.
 *
 * The invariant: both are settled once, and within bounds: a start within `startTimeout`, an exit at the latest
 * `stuckTimeout` after the pod was to have ended, or `reconnectTimeout` after the server was reached last.
 */
import type { ProcessExit } from '../../contract/compute-process.js';
import { exited, signaled, unknownExit } from '../../contract/exit-code.js';
import { type ErrorKind, messageOf, RxshimError } from '../../failures/errors.js';
import { statusIn } from '../api/api-error.js';
import { startFailure } from '../exec/status.js';
import type { ContainerRun, PodFacts } from '../pods/pod-facts.js';
import { causeOf, containerIn, type PodCause, type StartTrouble, standingOf } from '../pods/pod-standing.js';
import type { PodChange, PodFollower, PodStore } from '../pods/pod-store.js';
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
  limits: FollowLimits,
  store: PodStore,
  first: PodFacts,
): FollowedPod => new Follower(pod, limits, store, first);

export type FollowLimits = Pick<PodSettings, 'startTimeout' | 'stuckTimeout' | 'spec'>;

/** An object with fields and no closures of its own: there may be ten thousand. */
class Follower implements FollowedPod, PodFollower {
  readonly started: Promise<void>;
  readonly exit: Promise<FoundExit>;
  readonly #pod: PodContext;
  readonly #limits: FollowLimits;
  readonly #store: PodStore;
  readonly #uid: string;
  #begun: Settle<void> | undefined;
  #ended: Settle<FoundExit> | undefined;
  #trouble: StartTrouble | undefined;
  #isOver = false;
  /** The ends of its container that were reported. */
  #runs: Set<string> | undefined;
  #startTimer: Timer | undefined;
  #stuckTimer: Timer | undefined;
  #unreachableTimer: Timer | undefined;

  constructor(pod: PodContext, limits: FollowLimits, store: PodStore, first: PodFacts) {
    this.#pod = pod;
    this.#limits = limits;
    this.#store = store;
    this.#uid = first.uid;
    this.started = new Promise((resolve, reject) => {
      this.#begun = { resolve, reject };
    });
    this.started.catch(ignore);
    this.exit = new Promise((resolve, reject) => {
      this.#ended = { resolve, reject };
    });
    this.#startTimer = after(limits.startTimeout, tooLate, this);
    store.follow(first.uid, this);
    if (!this.#isOver) this.#look(pod.facts ?? first);
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#startTimer);
    clearTimeout(this.#stuckTimer);
    clearTimeout(this.#unreachableTimer);
    this.#store.unfollow(this.#uid, this);
  }

  take(change: PodChange): void {
    if (this.#isOver) return;
    switch (change.kind) {
      case 'changed':
        return this.#look(change.pod);
      case 'removed':
        return this.#removed(change.pod, change.isSeen);
      case 'connected':
        clearTimeout(this.#unreachableTimer);
        this.#unreachableTimer = undefined;
        return;
      case 'failing':
        // Waiting does not give a role the permission that it lacks.
        if (statusIn(change.error) === 403 && this.#begun !== undefined)
          return this.#refuse(change.error as RxshimError);
        this.#unreachableTimer ??= after(
          this.#pod.cluster.reconnectTimeout,
          unreachable,
          this,
          messageOf(change.error),
        );
    }
  }

  tooLate(): void {
    const { startTimeout } = this.#limits;
    this.#refuse(startError(this.#pod.name, this.#trouble ?? tooSlow(startTimeout)));
  }

  unreachable(why: string): void {
    this.#lose(`pod ${this.#pod.name} cannot be watched any more: ${why}`);
  }

  stuck(facts: PodFacts): void {
    this.#lose(stuckReason(this.#pod.name, this.#pod.facts ?? facts));
  }

  #look(facts: PodFacts): void {
    const { name, container: named } = this.#pod;
    this.#pod.facts = facts;
    const container = containerIn(facts, named);
    if (container !== undefined) {
      this.#note(container.last);
      if (container.state.kind === 'terminated') this.#note(container.state);
    }
    const standing = standingOf(facts, named, this.#limits.spec.restartPolicy ?? 'Always');
    switch (standing.kind) {
      case 'waiting':
        this.#trouble = standing.why;
        if (standing.why?.isFinal) return this.#refuse(startError(name, standing.why));
        break;
      case 'notStarted':
        return this.#refuse(startError(name, standing.run));
      case 'running':
        this.#begin();
        break;
      case 'ended':
        this.#begin();
        return this.#end({ exit: exitOf(standing.run, this.#pod.sent), cause: standing.cause, lost: false });
    }
    // From when it was seen: the clock of the cluster may be another.
    if (facts.deletionGrace !== undefined)
      this.#stuckTimer ??= after(facts.deletionGrace * 1_000 + this.#limits.stuckTimeout, stuck, this, facts);
  }

  #removed(facts: PodFacts | undefined, isSeen: boolean): void {
    if (facts !== undefined) this.#look(facts);
    const { name } = this.#pod;
    this.#lose(
      isSeen
        ? `pod ${name} was deleted by force, before its exit code was known`
        : `pod ${name} was deleted while it could not be watched`,
    );
  }

  #begin(): void {
    clearTimeout(this.#startTimer);
    this.#startTimer = undefined;
    this.#trouble = undefined;
    this.#begun?.resolve();
    this.#begun = undefined;
  }

  #refuse(error: RxshimError): void {
    if (this.#begun === undefined || this.#isOver) return;
    this.#begun.reject(error);
    this.#end({ exit: unknownExit(error.message), cause: 'completed', lost: false });
  }

  #lose(reason: string): void {
    const { facts } = this.#pod;
    const cause = facts === undefined ? 'deleted' : causeOf(facts, undefined);
    this.#end({ exit: unknownExit(reason), cause, lost: true });
  }

  #end(found: FoundExit): void {
    if (this.#isOver) return;
    this.stop();
    const why = found.exit.kind === 'unknown' ? found.exit.reason : 'it has ended';
    this.#begun?.reject(new RxshimError('failedPrecondition', `start pod ${this.#pod.name}: ${why}`));
    this.#ended?.resolve(found);
    this.#begun = undefined;
    this.#ended = undefined;
  }

  /** Reports each end of the container once: those of runs that were restarted between two changes, too. */
  #note(run: ContainerRun | undefined): void {
    const key = run?.id ?? run?.finishedAt;
    if (run === undefined || key === undefined || this.#runs?.has(key)) return;
    this.#runs ??= new Set();
    this.#runs.add(key);
    if (run.reason === 'OOMKilled') this.#pod.oom$.next();
    this.#pod.runs$.next(run);
  }
}

interface Settle<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

type Timer = ReturnType<typeof setTimeout>;

/** Not in the timers of each pod. */
const after = <A extends readonly unknown[]>(ms: number, act: (...args: A) => void, ...args: A): Timer =>
  setTimeout(act, Math.min(ms, 2 ** 31 - 1), ...args);
const tooLate = (pod: Follower): void => pod.tooLate();
const unreachable = (pod: Follower, why: string): void => pod.unreachable(why);
const stuck = (pod: Follower, facts: PodFacts): void => pod.stuck(facts);
const ignore = (): void => undefined;

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
